package io.grip.supervisor.spring.observation;

import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.grip.supervisor.hook.Tracing;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * One attempt as an observation, the current one while its task is called; where the application does not want to observe
 * attempts, that is the observation of the execution.
 */
final class ObservedAttempt implements Tracing.AttemptTrace {

    private final AttemptObservationContext context;
    private final Observation observation;
    private final Observation current;

    ObservedAttempt(AttemptObservationContext context, Observation observation, Observation current) {
        this.context = context;
        this.observation = observation;
        this.current = current;
    }

    @Override
    public Tracing.Scope open() {
        return current.openScope()::close;
    }

    @Override
    public void ended(AttemptOutcome outcome, @Nullable Throwable cause) {
        context.ended(outcome);
        if (cause != null) {
            observation.error(cause);
        }
        observation.stop();
    }
}
