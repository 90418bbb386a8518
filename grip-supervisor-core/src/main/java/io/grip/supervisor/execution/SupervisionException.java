package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/** The superclass of everything the library itself throws to say that an execution ended without its value. */
public abstract class SupervisionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SupervisionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
