package io.grip.supervisor.engine;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.grip.supervisor.hook.Tracing;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The trace of one execution, from its beginning to its one end. Nothing that it throws changes the execution. Called by
 * the execution's owner, except for the scope around a task, which belongs to the thread that calls that.
 */
final class Traced {

    private final Observers observers;
    private final Tracing.Trace trace;
    private Tracing.@Nullable AttemptTrace attempt;
    private boolean ended;

    private Traced(Observers observers, Tracing.Trace trace) {
        this.observers = observers;
        this.trace = trace;
    }

    /** Begins one; null if the tracing fails. */
    static @Nullable Traced begin(Tracing tracing, Observers observers, Execution execution) {
        Tracing.Trace trace = made(observers, () -> tracing.begin(execution));
        return trace == null ? null : new Traced(observers, trace);
    }

    /** Begins an attempt; what is to be called in the place of its task. */
    <T extends @Nullable Object> Task<T> attempt(int number, Task<T> task) {
        Tracing.AttemptTrace begun = made(observers, () -> trace.attempt(number));
        attempt = begun;
        return begun == null
                ? task
                : context -> {
                    Tracing.Scope scope = made(observers, begun::open);
                    try {
                        return task.run(context);
                    } finally {
                        if (scope != null) {
                            guarded(scope::close);
                        }
                    }
                };
    }

    void attemptEnded(AttemptOutcome outcome, @Nullable Throwable cause) {
        Tracing.AttemptTrace begun = attempt;
        attempt = null;
        if (begun != null) {
            guarded(() -> begun.ended(outcome, cause));
        }
    }

    void retry(int next, Duration delay, Throwable cause) {
        guarded(() -> trace.retry(next, delay, cause));
    }

    void restart(int restarts, @Nullable Throwable cause) {
        guarded(() -> trace.restart(restarts, cause));
    }

    void escalation() {
        guarded(trace::escalation);
    }

    /** Ends it, and before it an attempt that something has kept from its own end. */
    void ended(Result<?> result) {
        if (!ended) {
            ended = true;
            attemptEnded(AttemptOutcome.FAILURE, result.cause());
            guarded(() -> trace.ended(result));
        }
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            observers.failed("the tracing", thrown);
        }
    }

    private static <V> @Nullable V made(Observers observers, Supplier<V> maker) {
        try {
            return maker.get();
        } catch (Throwable thrown) {
            observers.failed("the tracing", thrown);
            return null;
        }
    }
}
