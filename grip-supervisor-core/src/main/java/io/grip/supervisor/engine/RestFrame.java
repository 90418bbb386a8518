package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.Watchdog;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a plain call between two attempts. One for all that wait so in an engine, since there may be a million of
 * them, and nothing tells one from another: none has an attempt that could be interrupted or a context that anybody knows. It makes
 * them visible to {@code close()}, which wakes their threads.
 */
final class RestFrame extends Frame {

    private final Engine engine;

    RestFrame(Engine engine) {
        this.engine = engine;
        standForGood();
    }

    Engine engine() {
        return engine;
    }

    /** {@inheritDoc} There is no attempt, so whatever asks, the clock being all that could, is outside. */
    @Override
    public Object context() {
        return ExecutionContext.background();
    }

    @Override
    protected boolean mayBeDue() {
        return false;
    }

    @Override
    protected boolean isDue() {
        return false;
    }

    @Override
    protected @Nullable Long nextDue() {
        return null;
    }

    @Override
    protected Watchdog watchdog() {
        return engine.watchdog();
    }
}
