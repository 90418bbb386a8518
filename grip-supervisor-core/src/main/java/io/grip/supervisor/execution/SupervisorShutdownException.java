package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/** The supervisor is draining or closed. Its cause is the last failure before that, where there was one. */
public final class SupervisorShutdownException extends SupervisionException {

    private static final long serialVersionUID = 1L;

    /**
     * Made by the engine.
     *
     * @param name the supervisor
     * @param last the last failure before
     */
    public SupervisorShutdownException(String name, @Nullable Throwable last) {
        super("'" + name + "' is shutting down", last);
    }
}
