package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;

/**
 * A classified failure of an attempt.
 *
 * @param kind its kind
 * @param cause what goes onto the result
 * @param interruptedBy whose interrupt it was, if it was one
 */
record Failure(FailureKind kind, Throwable cause, InterruptedBy interruptedBy) {

    static Failure of(FailureKind kind, Throwable cause) {
        return new Failure(kind, cause, InterruptedBy.NOBODY);
    }
}
