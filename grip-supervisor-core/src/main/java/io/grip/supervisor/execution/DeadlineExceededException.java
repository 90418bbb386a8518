package io.grip.supervisor.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The deadline of a whole execution passed. Its cause is the last failure before that, where there was one. */
public final class DeadlineExceededException extends SupervisionException {

    private static final long serialVersionUID = 1L;

    private final Duration limit;
    private final Duration elapsed;

    /**
     * Made by the engine.
     *
     * @param name the supervisor
     * @param limit how long the execution had
     * @param elapsed how long it took
     * @param last the last failure before, or what the running task threw
     */
    public DeadlineExceededException(String name, Duration limit, Duration elapsed, @Nullable Throwable last) {
        super("'" + name + "' did not end within its deadline of " + limit + ": gave up after " + elapsed, last);
        this.limit = limit;
        this.elapsed = elapsed;
    }

    /** How long the execution had, from its start. */
    public Duration limit() {
        return limit;
    }

    /** How long it had taken when it was given up. */
    public Duration elapsed() {
        return elapsed;
    }
}
