package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorCustomizer;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;

/**
 * Has each supervisor of the registry counted and its failures kept, for the endpoint to show. Comes after the meters, whose
 * telemetry would take its place. Safe for use by any thread.
 */
public final class ObservedCalls implements SupervisorCustomizer, Ordered {

    private final InstantSource clock;
    private final Map<String, Observed> byName = new ConcurrentHashMap<>();

    /** Observes nothing yet. */
    public ObservedCalls(InstantSource clock) {
        this.clock = clock;
    }

    /** What is known of one supervisor. */
    record Observed(CallNumbers numbers, LastFailures failures) {}

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public void customize(String name, Supervisor.Builder builder) {
        Observed observed =
                byName.computeIfAbsent(name, unseen -> new Observed(new CallNumbers(), new LastFailures(clock)));
        builder.addTelemetry(readings -> observed.numbers()).addHooks(observed.failures());
    }

    @Nullable
    Observed find(String name) {
        return byName.get(name);
    }
}
