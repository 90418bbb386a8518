package io.grip.supervisor.thread;

import io.grip.supervisor.time.TimeSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Lets every other virtual thread run that could; for a virtual thread that never waits, and that thread's alone.
 *
 * <p>To yield would not do: whoever yields goes to the end of its carrier's own queue, and a carrier takes what was started or
 * woken from elsewhere only when that queue is empty, which with enough such threads it never is. One that waits comes back
 * from elsewhere itself. But those who have waited all come back through one queue, and a carrier of JDK 25 that takes from
 * it looks at no other before that is empty, too. So whoever comes back late waits longer the next time, until there is less
 * to do than the carriers can; and less again once it is in time, or has long been gone.
 *
 * <p>Code that leaves an unpark for its own thread behind uses up one such wait.
 */
public final class GivingWay {

    /** The shortest wait that lets others run: 1 ns. */
    static final long BRIEFLY = 1;

    /** Who comes back from a wait by so much too late has had others before it: 2 ms. */
    static final long LATE = 2_000_000;

    /** The longest wait that lets others run: 1 s. */
    static final long LONGEST = 1_000_000_000;

    /** Whoever has not given way for longer than this begins anew: 10 s. Many that fail all the time come round sooner. */
    static final long LONG_AGO = 10_000_000_000L;

    private final TimeSource time;
    private final LongConsumer waits;
    private long span = BRIEFLY;
    private long cameBack;

    /** For one thread. */
    public GivingWay() {
        this(TimeSource.system(), LockSupport::parkNanos);
    }

    GivingWay(TimeSource time, LongConsumer waits) {
        this.time = time;
        this.waits = waits;
        this.cameBack = time.nanoTime();
    }

    /**
     * Waits, however briefly. Whoever unparks or interrupts the thread ends that.
     *
     * @param most how long at the most, in nanoseconds
     */
    public void giveWay(long most) {
        long now = time.nanoTime();
        if (now - cameBack > LONG_AGO) {
            span = BRIEFLY;
        }
        long wanted = Math.max(BRIEFLY, Math.min(span, most));
        waits.accept(wanted);
        cameBack = time.nanoTime();
        boolean late = cameBack - now - wanted > LATE;
        span = late ? Math.min(LONGEST, Math.max(2 * span, LATE)) : Math.max(BRIEFLY, span - span / 8);
    }
}
