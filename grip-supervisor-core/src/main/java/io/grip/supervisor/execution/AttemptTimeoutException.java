package io.grip.supervisor.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One attempt ran past its timeout. Its cause is what the task threw when it was interrupted, where it threw. */
public final class AttemptTimeoutException extends SupervisionException {

    private static final long serialVersionUID = 1L;

    private final int attempt;
    private final Duration limit;

    /**
     * Made by the engine.
     *
     * @param name the supervisor
     * @param attempt the number of the attempt within its incarnation
     * @param limit how long the attempt had
     * @param thrown what the task threw
     */
    public AttemptTimeoutException(String name, int attempt, Duration limit, @Nullable Throwable thrown) {
        super("attempt " + attempt + " of '" + name + "' did not end within its timeout of " + limit, thrown);
        this.attempt = attempt;
        this.limit = limit;
    }

    /** The number of the attempt within its incarnation, from 1. */
    public int attempt() {
        return attempt;
    }

    /** How long one attempt had. */
    public Duration limit() {
        return limit;
    }
}
