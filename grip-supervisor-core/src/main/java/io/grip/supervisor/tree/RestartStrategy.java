package io.grip.supervisor.tree;

/** Who is restarted when a child fails. */
public enum RestartStrategy {
    /** The child alone. */
    ONE_FOR_ONE,
    /** All children: stopped in reverse order, then started in order. */
    ONE_FOR_ALL,
    /** The child and all that come after it, stopped in reverse order, then started in order. */
    REST_FOR_ONE,
    /**
     * The child alone, and all children are made at run time from one template: addressed by handle, stopped all at
     * once, gone once they have ended.
     */
    TEMPLATE;

    boolean restartsGroups() {
        return this == ONE_FOR_ALL || this == REST_FOR_ONE;
    }
}
