package io.grip.supervisor.spring.health;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AbandonedThread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * How the supervisors of calls are: out of service while one drains, down once one is closed while the application runs
 * on. What the calls themselves meet is not looked at: a dependency that fails is the matter of its own indicator.
 * Abandoned threads are told with their age and change nothing. Called by any thread.
 */
public final class SupervisorsHealth extends AbstractHealthIndicator {

    private final Supplier<List<Supervisor>> supervisors;

    /**
     * Of some supervisors.
     *
     * @param supervisors asked each time
     */
    public SupervisorsHealth(Supplier<List<Supervisor>> supervisors) {
        super("The supervisors could not be looked at");
        this.supervisors = supervisors;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Status worst = Status.UP;
        for (Supervisor supervisor : supervisors.get()) {
            Status status =
                    supervisor.isClosed() ? Status.DOWN : supervisor.isDraining() ? Status.OUT_OF_SERVICE : Status.UP;
            worst = ChildHealth.worse(worst, status);
            List<AbandonedThread> abandoned = supervisor.abandonedThreads();
            if (!status.equals(Status.UP) || !abandoned.isEmpty()) {
                builder.withDetail(supervisor.name(), details(supervisor, status, abandoned));
            }
        }
        builder.status(worst);
    }

    private static Map<String, Object> details(Supervisor supervisor, Status status, List<AbandonedThread> abandoned) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("status", status.getCode());
        details.put("state", supervisor.isClosed() ? "CLOSED" : supervisor.isDraining() ? "DRAINING" : "RUNNING");
        details.put("inFlight", supervisor.inFlight());
        if (!abandoned.isEmpty()) {
            details.put(
                    "abandonedThreads",
                    abandoned.stream()
                            .map(each -> Map.of(
                                    "thread", each.thread(),
                                    "ageSeconds", ChildHealth.seconds(each.age())))
                            .toList());
        }
        return details;
    }
}
