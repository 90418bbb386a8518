package io.grip.supervisor.tree;

/** What follows when a child's very first start fails. */
public enum FirstStart {
    /** Whoever asked for the start gets the failure; what was started with it is stopped in reverse order. */
    FAIL_FAST,
    /** It is a failure like any later one: the child is restarted within its budget, and nobody waits for it. */
    RETRY
}
