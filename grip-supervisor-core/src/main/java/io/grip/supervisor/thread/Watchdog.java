package io.grip.supervisor.thread;

import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the limits of the frames that go by one clock: looks at all of them at the earliest limit it has heard of.
 *
 * <p>A frame that enters with a limit only compares it with the time of the next look, which nearly always lies before
 * it; so in steady state there is one look per limit's length, whatever the number of calls, and none while nothing
 * runs. Safe for use by any thread; looks run on the timer's thread.
 */
public final class Watchdog {

    /** Both sides weak: a watchdog holds its clock, and is itself held by those who have frames and by its timer. */
    private static final Map<TimeSource, WeakReference<Watchdog>> BY_TIME = new WeakHashMap<>();

    /** How long until what could not be looked at is looked at again: 1 ms. */
    static final long TICK = 1_000_000;

    private final TimeSource time;

    /**
     * The time of the next look, or far away. Volatile: a thread that has published its frame compares its limit with
     * it, while a look first sets it and then reads the frames, so that one of the two sees the other.
     */
    private volatile long next;

    /** Guarded by this. */
    private TimeSource.@Nullable Timer timer;

    private Watchdog(TimeSource time) {
        this.time = time;
        this.next = farFrom(time.nanoTime());
    }

    /** The watchdog of a clock, the same one for as long as anybody holds it. */
    public static Watchdog of(TimeSource time) {
        synchronized (BY_TIME) {
            WeakReference<Watchdog> known = BY_TIME.get(time);
            Watchdog watchdog = known == null ? null : known.get();
            if (watchdog == null) {
                watchdog = new Watchdog(time);
                BY_TIME.put(time, new WeakReference<>(watchdog));
            }
            return watchdog;
        }
    }

    /** The clock. */
    public TimeSource time() {
        return time;
    }

    /** Called by any thread: there is a frame, already published, to be looked at from this point in time on. */
    public void watch(long limit) {
        if (Nanos.isBefore(limit, next)) {
            bringForward(limit);
        }
    }

    private synchronized void bringForward(long limit) {
        if (Nanos.isBefore(limit, next)) {
            // First of all: where that fails, the look that was to come still comes.
            TimeSource.Timer sooner = time.schedule(limit, this::look);
            if (timer != null) {
                timer.cancel();
            }
            timer = sooner;
            next = limit;
        }
    }

    private void look() {
        synchronized (this) {
            timer = null;
            next = farFrom(time.nanoTime());
        }
        boolean sawAll = false;
        try {
            ThreadSlot.lookAtAll();
            sawAll = true;
        } finally {
            if (!sawAll) {
                // A frame that was not looked at has nobody else to remind us of its limit.
                watch(time.nanoTime() + TICK);
            }
        }
    }

    private static long farFrom(long now) {
        return now + Nanos.LONGEST;
    }
}
