package io.grip.sample.shop.audit;

import io.grip.supervisor.execution.Result;
import io.grip.supervisor.spring.event.ExecutionGaveUp;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

/** Writes a row for each execution that was given up. On a thread of its own: the event comes on whichever thread failed. */
@Component
class AuditTrail {

    private final JdbcClient jdbc;

    AuditTrail(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Async
    @EventListener
    void record(ExecutionGaveUp event) {
        jdbc.sql("insert into audit (at, supervisor, detail) values (?, ?, ?)")
                .params(OffsetDateTime.now(), event.supervisor(), detail(event.result()))
                .update();
    }

    /** The newest first. */
    List<AuditEntry> latest(int limit) {
        return jdbc.sql("select at, supervisor, detail from audit order by at desc limit ?")
                .param(limit)
                .query(AuditEntry.class)
                .list();
    }

    private static String detail(Result<?> result) {
        Throwable cause = result.cause();
        return result.failure() + " after " + result.attempts() + " attempts"
                + (cause == null ? "" : ": " + cause.getClass().getSimpleName());
    }
}
