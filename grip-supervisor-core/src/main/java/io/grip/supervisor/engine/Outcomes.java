package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import org.jspecify.annotations.Nullable;

/** Hands an execution's end to a caller who wants the value, or the throwable thrown. */
final class Outcomes {

    private Outcomes() {}

    static FailureKind kindOf(Throwable thrown) {
        return thrown instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR;
    }

    /**
     * The value, or the cause thrown as it is. A caller who was interrupted gets an {@link InterruptedException} and a
     * clear flag, as from any blocking method.
     */
    static <T extends @Nullable Object> T valueOf(Progress<T> progress) throws Exception {
        Throwable cause = progress.result().cause();
        if (cause == null) {
            return known(progress.result().outcome());
        }
        if (progress.interruptedBy() == InterruptedBy.STRANGER) {
            Thread.interrupted();
            throw asInterrupted(cause);
        }
        throw Outcomes.<Exception>asUnchecked(cause);
    }

    private static InterruptedException asInterrupted(Throwable cause) {
        if (cause instanceof InterruptedException interrupted) {
            return interrupted;
        }
        InterruptedException interrupted = new InterruptedException("interrupted while a supervised task was running");
        interrupted.initCause(cause);
        return interrupted;
    }

    /** A value that is there: null only where its type itself admits it. */
    @SuppressWarnings("NullAway")
    static <T extends @Nullable Object> T known(@Nullable T value) {
        return value;
    }

    @SuppressWarnings("unchecked") // a task can throw any throwable, declared or not, and so can we
    static <E extends Throwable> E asUnchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
