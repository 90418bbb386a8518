package io.grip.supervisor.tree;

/** Something was asked of a tree or a child that it cannot do as it stands. */
public final class ChildOperationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    ChildOperationException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** What stands in the way. */
    public enum Reason {
        /** The tree is starting, running or stopping already. */
        ALREADY_STARTED,
        /** The tree, or the supervisor, is not running. */
        NOT_RUNNING,
        /** There is no such child. */
        NOT_FOUND,
        /** A child of this name is there, running. */
        ALREADY_RUNNING,
        /** A child of this name is there, not running. */
        ALREADY_PRESENT,
        /** The child is up. */
        RUNNING,
        /** The child is starting, stopping, or waiting for its turn in a restart. */
        RESTARTING,
        /** An older incarnation of the child is still alive. */
        HELD,
        /** There are as many children as the template allows. */
        TOO_MANY,
        /** Children of a template are addressed by their handle, others by path. */
        NOT_BY_PATH,
        /** The path leads to a worker, where a supervisor is needed. */
        NOT_A_SUPERVISOR
    }
}
