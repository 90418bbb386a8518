package io.grip.supervisor.tree;

/** How a child failed. */
public enum ChildFailure {
    /** It did not come up: threw, ended, or took longer than its start timeout. */
    START,
    /** It threw while it was up; for a supervisor: it escalated. */
    CRASH,
    /** It ended although it should run for ever. */
    EXIT,
    /** It missed its heartbeat. */
    HUNG
}
