package io.grip.supervisor.spring.observation;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.spring.ExceptionNames;

/** Observes the executions of one supervisor, as long as the registry has anybody who handles them. Safe for any thread. */
final class ObservationTracing implements Tracing {

    private final String supervisor;
    private final Observations observations;
    private final ExceptionNames exceptionNames = new ExceptionNames();

    ObservationTracing(String supervisor, Observations observations) {
        this.supervisor = supervisor;
        this.observations = observations;
    }

    @Override
    public Trace begin(Execution execution) {
        if (observations.isNoop()) {
            return Tracing.none().begin(execution);
        }
        SupervisorObservationContext context =
                new SupervisorObservationContext(supervisor, execution, ExceptionNames.NONE);
        return new ObservedExecution(observations, context, exceptionNames);
    }
}
