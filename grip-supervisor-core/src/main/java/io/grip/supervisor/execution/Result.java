package io.grip.supervisor.execution;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of an execution, or, as the report of an {@link ExecutorRunner}, of one attempt. Immutable.
 *
 * @param <T> the type of the value
 */
public interface Result<T extends @Nullable Object> {

    /** A runner's report that the task returned. */
    static <T extends @Nullable Object> Result<T> success(T value) {
        return new Report<>(value, FailureKind.NONE, null);
    }

    /**
     * A runner's report that the task did not return.
     *
     * @param failure what kind of failure, not {@link FailureKind#NONE}
     * @param cause what was thrown
     * @throws IllegalArgumentException if the kind is {@code NONE}
     */
    static <T extends @Nullable Object> Result<T> failure(FailureKind failure, Throwable cause) {
        if (Objects.requireNonNull(failure, "failure") == FailureKind.NONE) {
            throw new IllegalArgumentException("a failure needs a kind other than NONE");
        }
        return new Report<>(null, failure, Objects.requireNonNull(cause, "cause"));
    }

    /** Whether there is a value. */
    default boolean isSuccess() {
        return failure() == FailureKind.NONE;
    }

    /**
     * The value.
     *
     * @throws IllegalStateException on a failure, with the failure's cause as its cause
     */
    T value();

    /** The kind of failure; {@link FailureKind#NONE} on success. */
    FailureKind failure();

    /** Why it failed: the very object the task threw, or an exception of the library; null on success. */
    @Nullable
    Throwable cause();

    /** How many attempts were made, over all incarnations; 0 if it was refused before the first. */
    int attempts();

    /** How many times it was restarted. */
    int restarts();

    /** How long it took, from the call to the end, waits included. */
    Duration duration();

    /** Whether the policy escalated the failure, be there a parent or not. */
    boolean escalated();

    /** The failures of the attempts before the last, oldest first; at most the last 8 of them. */
    List<Throwable> earlierFailures();

    /**
     * The value, or the cause thrown: the very object, checked or not.
     *
     * @throws Exception the cause of the failure, where it is an exception; an {@code Error} is thrown as well
     */
    default T orElseThrow() throws Exception {
        Throwable cause = cause();
        if (cause == null) {
            return value();
        }
        throw Throwing.<Exception>asUnchecked(cause);
    }
}
