package io.grip.supervisor.engine;

import io.grip.supervisor.thread.Frame;
import org.jspecify.annotations.Nullable;

/** A frame that makes an execution visible while no attempt of it runs; nobody interrupts it. */
abstract class UndisturbedFrame extends Frame {

    @Override
    protected final boolean isDue() {
        return false;
    }

    @Override
    protected final @Nullable Long nextDue() {
        return null;
    }
}
