package io.grip.supervisor.thread;

import io.grip.supervisor.time.TimeSource;
import org.jspecify.annotations.Nullable;

/** A frame that is due during one of its uses only. */
final class StressFrame extends Frame {

    private static final Watchdog WATCHDOG = Watchdog.of(TimeSource.system());

    /** Written by the owner before it enters, as the engine's frames are. */
    boolean due;

    @Override
    public Object context() {
        return this;
    }

    @Override
    protected boolean isDue() {
        return due;
    }

    @Override
    protected @Nullable Long nextDue() {
        return null;
    }

    @Override
    protected Watchdog watchdog() {
        return WATCHDOG;
    }
}
