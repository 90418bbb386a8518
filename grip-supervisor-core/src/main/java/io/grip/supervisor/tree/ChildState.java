package io.grip.supervisor.tree;

/**
 * Where a child stands.
 *
 * <pre>{@code
 *   REGISTERED --> STARTING --> RUNNING --> BACKING_OFF --> STARTING ...     a failure, one child alone
 *                     |            |-----> RESTARTING  --> STARTING ...     a failure, a group
 *                     |            |-----> FAILED      --> STARTING         gave up; revival or manual restart
 *                     |            '-----> STOPPED                          a clean end that stands
 *                     '--> (any of those too)
 *   BACKING_OFF, FAILED --> HELD --> STARTING                               an older incarnation still lives
 *   (any) --> STOPPING --> STOPPED, or RESTARTING in a group
 *   STOPPED, FAILED, BACKING_OFF --> STARTING                               manual restart
 * }</pre>
 */
public enum ChildState {
    /** Known, never started since its supervisor began. */
    REGISTERED,
    /** Its incarnation begins and is not up yet. */
    STARTING,
    /** Up. */
    RUNNING,
    /** Waits for its restart: out its delay, or for its turn where restarts are limited. */
    BACKING_OFF,
    /** Down, waiting for its turn in the restart of its group. */
    RESTARTING,
    /** Asked to stop, not yet ended. */
    STOPPING,
    /** Ended, and not to be started by itself. */
    STOPPED,
    /** Gave up. */
    FAILED,
    /** Wants to start, but an older incarnation is still alive. */
    HELD;

    /** Whether it counts as working: starting or up. */
    boolean isActive() {
        return this == STARTING || this == RUNNING;
    }
}
