package io.grip.supervisor.engine;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * An execution was cancelled by its context. A type of its own, so that an execution around it can tell that whatever
 * interrupt is among its causes was ours, and has been seen to.
 */
final class ExecutionCancelledException extends CancellationException {

    private static final long serialVersionUID = 1L;

    ExecutionCancelledException(String name, @Nullable Throwable last) {
        super("'" + name + "' was cancelled");
        if (last != null) {
            initCause(last);
        }
    }
}
