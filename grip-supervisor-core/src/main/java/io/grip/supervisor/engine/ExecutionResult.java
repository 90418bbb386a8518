package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a whole execution. */
record ExecutionResult<T extends @Nullable Object>(
        @Nullable T outcome,
        FailureKind failure,
        @Nullable Throwable cause,
        int attempts,
        int restarts,
        Duration duration,
        boolean escalated,
        List<Throwable> earlierFailures)
        implements Result<T> {

    @Override
    public T value() {
        if (failure != FailureKind.NONE) {
            throw new IllegalStateException("there is no value: the execution failed with " + failure, cause);
        }
        return Outcomes.known(outcome);
    }

    @Override
    public String toString() {
        return failure == FailureKind.NONE
                ? "success after " + attempts + " attempts in " + duration
                : failure + " after " + attempts + " attempts in " + duration + ": " + cause;
    }
}
