package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ContextCarrier.Captured;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrometerContextCarrierTests {

    private static final ThreadLocal<String> TRACE = new ThreadLocal<>();

    private final MicrometerContextCarrier carrier = new MicrometerContextCarrier(ContextSnapshotFactory.builder()
            .contextRegistry(new ContextRegistry().registerThreadLocalAccessor("trace", TRACE))
            .build());

    @AfterEach
    void forget() {
        TRACE.remove();
    }

    @Test
    void whatTheCallerCarriesReachesEveryAttemptOnItsOwnThread() {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        try (Supervisor supervisor = Supervisor.builder("carrying")
                .runner(ExecutorRunner.ownThread())
                .policy(SupervisorPolicy.none().withRetry(RetryPolicy.of(2).withBackoff(BackoffPolicy.none())))
                .carrier(carrier)
                .build()) {
            TRACE.set("caller");

            supervisor.run(context -> {
                seen.add(TRACE.get());
                threads.add(Thread.currentThread());
                throw new IllegalStateException();
            });
        }

        assertThat(seen).containsExactly("caller", "caller");
        assertThat(threads).doesNotContain(Thread.currentThread()).doesNotHaveDuplicates();
    }

    @Test
    void whatTheOtherThreadCarriedIsThereAgainAfterwards() throws Exception {
        TRACE.set("caller");
        Captured captured = carrier.capture();
        TRACE.set("other");

        assertThat(captured.<String>call(TRACE::get)).isEqualTo("caller");
        assertThat(TRACE.get()).isEqualTo("other");
    }

    @Test
    void whatTheBodyThrowsIsThrownAsItIs() {
        IOException thrown = new IOException();
        Captured captured = carrier.capture();

        assertThatThrownBy(() -> captured.call(() -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
    }
}
