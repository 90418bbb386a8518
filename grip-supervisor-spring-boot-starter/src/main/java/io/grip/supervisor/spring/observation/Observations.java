package io.grip.supervisor.spring.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Starts observations.
 *
 * @param registry where
 * @param executions the application's convention for executions, if it has one
 * @param attempts the application's convention for attempts, if it has one
 */
record Observations(
        ObservationRegistry registry,
        @Nullable SupervisorObservationConvention executions,
        @Nullable AttemptObservationConvention attempts) {

    private static final SupervisorObservationConvention EXECUTIONS = new DefaultSupervisorObservationConvention();
    private static final AttemptObservationConvention ATTEMPTS = new DefaultAttemptObservationConvention();

    /** Whether nobody would see one. */
    boolean isNoop() {
        return registry.isNoop();
    }

    /** Below the current observation of this thread. */
    Observation start(SupervisorObservationContext context) {
        return SupervisorObservationDocumentation.EXECUTION.start(executions, EXECUTIONS, () -> context, registry);
    }

    /**
     * Below that of its execution, on whichever thread. That one is the current one meanwhile: a tracer that finds
     * another span in its place prefers that as the parent.
     */
    Observation start(AttemptObservationContext context, Observation execution) {
        context.setParentObservation(execution);
        Observation.Scope scope = execution.openScope();
        try {
            return SupervisorObservationDocumentation.ATTEMPT.start(attempts, ATTEMPTS, () -> context, registry);
        } finally {
            scope.close();
        }
    }
}
