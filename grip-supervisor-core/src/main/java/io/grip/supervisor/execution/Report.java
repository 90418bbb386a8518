package io.grip.supervisor.execution;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A runner's report on one attempt: value or throwable, and nothing to count. */
record Report<T extends @Nullable Object>(
        @Nullable T reported, FailureKind failure, @Nullable Throwable cause) implements Result<T> {

    @Override
    public T value() {
        if (failure != FailureKind.NONE) {
            throw new IllegalStateException("there is no value: the attempt failed with " + failure, cause);
        }
        return Report.<T>known(reported);
    }

    /** Null only where {@code T} itself admits it. */
    @SuppressWarnings("NullAway")
    private static <T extends @Nullable Object> T known(@Nullable T value) {
        return value;
    }

    @Override
    public int attempts() {
        return 1;
    }

    @Override
    public int restarts() {
        return 0;
    }

    @Override
    public Duration duration() {
        return Duration.ZERO;
    }

    @Override
    public boolean escalated() {
        return false;
    }

    @Override
    public List<Throwable> earlierFailures() {
        return List.of();
    }
}
