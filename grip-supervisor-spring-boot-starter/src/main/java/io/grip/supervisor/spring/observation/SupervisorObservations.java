package io.grip.supervisor.spring.observation;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;

/**
 * Has each supervisor observe its executions and their attempts. Comes before the customizers of the application, whose
 * own tracing would take its place. Safe for use by any thread.
 */
public final class SupervisorObservations implements SupervisorCustomizer, Ordered {

    private final boolean enabled;
    private final ObjectProvider<ObservationRegistry> registry;
    private final ObjectProvider<SupervisorObservationConvention> executions;
    private final ObjectProvider<AttemptObservationConvention> attempts;

    /**
     * Asks for its parts when the first supervisor is made, so that those, and whatever they need, may be made late.
     *
     * @param enabled whether anything is observed
     * @param registry where observations are made; without one, none are
     * @param executions what the observation of an execution looks like; the default without one
     * @param attempts what the observation of an attempt looks like; the default without one
     */
    public SupervisorObservations(
            boolean enabled,
            ObjectProvider<ObservationRegistry> registry,
            ObjectProvider<SupervisorObservationConvention> executions,
            ObjectProvider<AttemptObservationConvention> attempts) {
        this.enabled = enabled;
        this.registry = registry;
        this.executions = executions;
        this.attempts = attempts;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public void customize(String name, Supervisor.Builder builder) {
        if (enabled) {
            registry.ifAvailable(available -> builder.tracing(new ObservationTracing(
                    name, new Observations(available, executions.getIfAvailable(), attempts.getIfAvailable()))));
        }
    }
}
