package io.grip.supervisor.execution;

/** How an execution, or one attempt of it, ended. A closed set: a {@code switch} over it needs no default. */
public enum FailureKind {
    /** It succeeded. */
    NONE,
    /** The task threw an {@code Exception}, or one attempt ran past its timeout. */
    HANDLER_ERROR,
    /** The task threw an {@code Error}, or its runner failed. */
    PANIC,
    /** The caller was interrupted, the context was cancelled, or the deadline passed. */
    CONTEXT_CANCELLED,
    /** The supervisor is draining or closed. */
    SHUTDOWN,
    /** It was never admitted: no permit came free in time. The task was not touched. */
    REJECTED;

    /** The seed's name of {@link #NONE}; the same object. */
    public static final FailureKind SUCCESS = NONE;

    /** The seed's name of {@link #HANDLER_ERROR}; the same object. */
    public static final FailureKind ERR = HANDLER_ERROR;

    /** The seed's name of {@link #CONTEXT_CANCELLED}; the same object. */
    public static final FailureKind CANCELLED = CONTEXT_CANCELLED;

    /** The seed's name of a passed deadline, which it counts as a cancellation; the same object as {@link #CONTEXT_CANCELLED}. */
    public static final FailureKind DEADLINE = CONTEXT_CANCELLED;
}
