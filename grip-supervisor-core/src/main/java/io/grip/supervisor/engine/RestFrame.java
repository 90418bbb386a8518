package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Watchdog;

/**
 * The wait of a plain call between two attempts. One for all that wait so in an engine, since there may be a million of
 * them, and nothing tells one from another: none has an attempt that could be interrupted or a context that anybody knows. It makes
 * them visible to those who wait until nothing runs.
 */
final class RestFrame extends UndisturbedFrame {

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
    protected Watchdog watchdog() {
        return engine.watchdog();
    }
}
