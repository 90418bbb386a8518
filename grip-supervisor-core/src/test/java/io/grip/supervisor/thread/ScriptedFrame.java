package io.grip.supervisor.thread;

import io.grip.supervisor.time.TimeSource;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A frame whose reasons to be interrupted are the test's. */
final class ScriptedFrame extends Frame {

    private final Watchdog watchdog;
    private final Thread owner = Thread.currentThread();

    volatile BooleanSupplier due = () -> false;
    volatile @Nullable Long nextDue;
    volatile boolean mayBeDue = true;

    ScriptedFrame(TimeSource time) {
        this.watchdog = Watchdog.of(time);
    }

    ScriptedFrame due() {
        due = () -> true;
        return this;
    }

    /** Runs an action under the claim. */
    boolean hold(Runnable action) {
        return whileRunning(owner, action);
    }

    boolean wasInterrupted() {
        return isInterrupted();
    }

    @Override
    public Object context() {
        return this;
    }

    @Override
    protected boolean mayBeDue() {
        return mayBeDue;
    }

    @Override
    protected boolean isDue() {
        return due.getAsBoolean();
    }

    @Override
    protected @Nullable Long nextDue() {
        return nextDue;
    }

    @Override
    protected Watchdog watchdog() {
        return watchdog;
    }
}
