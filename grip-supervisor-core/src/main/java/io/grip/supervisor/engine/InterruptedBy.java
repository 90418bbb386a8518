package io.grip.supervisor.engine;

/** Whose interrupt of the caller's thread ended an execution. */
enum InterruptedBy {
    /** None did. */
    NOBODY,
    /** Somebody's we do not know: the caller is owed it. */
    STRANGER,
    /** Ours, for the sake of an execution around this one: it stays pending until that one has ended too. */
    OUTER_EXECUTION
}
