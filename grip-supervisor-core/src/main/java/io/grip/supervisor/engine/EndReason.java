package io.grip.supervisor.engine;

/** Why the engine itself ended an attempt or a wait before its time; {@link #NONE} if it did not. */
enum EndReason {
    NONE,
    CANCEL,
    SHUTDOWN,
    DEADLINE,
    ATTEMPT_TIMEOUT
}
