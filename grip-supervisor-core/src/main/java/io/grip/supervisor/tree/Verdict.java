package io.grip.supervisor.tree;

/** What a throwable calls for, before any budget is asked. */
public enum Verdict {
    /** Another incarnation, while the budgets allow. */
    RESTART,
    /** None: the child has failed for good, its siblings run on, and only a manual restart brings it back. */
    STOP,
    /** None: its supervisor stops its other children and fails itself, whatever the child's {@link OnGiveUp} says. */
    ESCALATE,
    /** The whole tree ends, at once, with the root's action. */
    FATAL
}
