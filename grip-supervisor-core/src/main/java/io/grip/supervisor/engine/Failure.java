package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;

/**
 * A classified failure of an attempt.
 *
 * @param kind its kind
 * @param cause what goes onto the result
 * @param byInterrupt whether it is the caller's interrupt, which the caller is owed
 */
record Failure(FailureKind kind, Throwable cause, boolean byInterrupt) {

    static Failure of(FailureKind kind, Throwable cause) {
        return new Failure(kind, cause, false);
    }
}
