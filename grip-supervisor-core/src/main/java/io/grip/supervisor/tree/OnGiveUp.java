package io.grip.supervisor.tree;

/** What follows when a child's failure is final. */
public enum OnGiveUp {
    /** The child stays failed, its siblings run, and it is tried again from time to time (its {@code reviveAfter}). */
    ISOLATE,
    /** The supervisor stops its other children in reverse order and fails itself: its own parent meets one failure. */
    ESCALATE,
    /** The supervisor stops its other children in reverse order and ends cleanly. */
    STOP_SUPERVISOR
}
