package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The permit of an attempt on a thread of its own: the run and the thread both hold it, and whoever lets go last gives it
 * back, so that a thread which was left behind keeps it until it ends. Safe for use by any thread.
 */
final class PermitShare {

    private final @Nullable Permits permits;
    private final AtomicInteger holders = new AtomicInteger(2);

    /** Publishes that the thread is over with its task. */
    private volatile boolean threadOver;

    /**
     * A permit that both hold.
     *
     * @param permits where it goes back to; null if there is no limit
     */
    PermitShare(@Nullable Permits permits) {
        this.permits = permits;
    }

    void letGo() {
        if (holders.decrementAndGet() == 0 && permits != null) {
            permits.giveBack();
        }
    }

    void threadIsOver() {
        threadOver = true;
    }

    boolean isThreadOver() {
        return threadOver;
    }
}
