package io.grip.supervisor.policy;

import io.grip.supervisor.execution.FailureKind;

/** When a finished incarnation is followed by a new one. */
public enum RestartPolicy {
    /** Never. */
    NEVER,
    /** After an error or a panic. */
    ON_FAILURE,
    /** After an error or a panic, and after success too. */
    ALWAYS;

    /** Whether an incarnation that ended like this is followed by another; a pure function. */
    public boolean shouldRestart(FailureKind kind) {
        return switch (kind) {
            case NONE -> this == ALWAYS;
            case HANDLER_ERROR, PANIC -> this != NEVER;
            case CONTEXT_CANCELLED, SHUTDOWN, REJECTED -> false;
        };
    }
}
