package io.grip.supervisor.hook;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import org.jspecify.annotations.Nullable;

/** Traces nothing, as one object, so that the engine can tell that there is nothing to call. */
enum NoTracing implements Tracing, Tracing.Trace, Tracing.AttemptTrace {
    INSTANCE;

    @Override
    public Trace begin(Execution execution) {
        return this;
    }

    @Override
    public AttemptTrace attempt(int number) {
        return this;
    }

    @Override
    public void ended(Result<?> result) {}

    @Override
    public Scope open() {
        return () -> {};
    }

    @Override
    public void ended(AttemptOutcome outcome, @Nullable Throwable cause) {}
}
