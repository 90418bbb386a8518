package io.grip.supervisor.engine;

import io.grip.supervisor.thread.Watchdog;

/**
 * The engine's own stretches of an execution on a thread: decisions, hooks and waits. It makes the execution visible to
 * hooks and to {@code close()}; nobody interrupts it, since waits are ended by a signal.
 */
final class RunFrame extends UndisturbedFrame {

    private final RunContext context;

    RunFrame(RunContext context) {
        this.context = context;
    }

    @Override
    public Object context() {
        return context;
    }

    @Override
    protected Watchdog watchdog() {
        return context.engine().watchdog();
    }
}
