package io.grip.supervisor.spring.observation;

import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.spring.ExceptionNames;
import io.grip.supervisor.spring.observation.SupervisorObservationDocumentation.ExecutionEvents;
import io.micrometer.observation.Observation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One execution as an observation. It is nobody's current one: between its attempts a thread is what it was before, and
 * within them it is the attempt's observation, below this one, that is current.
 */
final class ObservedExecution implements Tracing.Trace {

    private final Observations observations;
    private final SupervisorObservationContext context;
    private final ExceptionNames exceptionNames;
    private final Observation observation;

    /** Starts it. */
    ObservedExecution(Observations observations, SupervisorObservationContext context, ExceptionNames exceptionNames) {
        this.observations = observations;
        this.context = context;
        this.exceptionNames = exceptionNames;
        this.observation = observations.start(context);
    }

    @Override
    public Tracing.AttemptTrace attempt(int number) {
        AttemptObservationContext attempt =
                new AttemptObservationContext(context.supervisor(), context.execution(), number);
        Observation observed = observations.start(attempt, observation);
        return new ObservedAttempt(attempt, observed, observed.isNoop() ? observation : observed);
    }

    @Override
    public void retry(int attempt, Duration delay, Throwable cause) {
        observation.event(ExecutionEvents.RETRY.format(attempt, delay, ExceptionNames.of(cause)));
    }

    @Override
    public void restart(int restarts, @Nullable Throwable cause) {
        observation.event(
                ExecutionEvents.RESTART.format(restarts, cause == null ? "a clean end" : ExceptionNames.of(cause)));
    }

    @Override
    public void escalation() {
        observation.event(ExecutionEvents.ESCALATION);
    }

    @Override
    public void ended(Result<?> result) {
        Throwable cause = result.cause();
        context.ended(result, exceptionNames.admit(ExceptionNames.of(cause)));
        if (cause != null) {
            observation.error(cause);
        }
        observation.stop();
    }
}
