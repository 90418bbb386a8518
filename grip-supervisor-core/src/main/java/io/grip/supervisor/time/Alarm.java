package io.grip.supervisor.time;

import org.jspecify.annotations.Nullable;

/**
 * What a timer wakes at a point in time, for those who have a million of them pending: it is its own entry in the timer's
 * queue, so that setting it makes nothing that stays.
 *
 * <p>It is set for one point in time at once, by one thread at a time; once it has rung or was called off, it may be set
 * again. Apart from that it is safe for use by any thread.
 *
 * @see TimeSource#schedule(long, Alarm)
 */
public abstract class Alarm {

    /** Who calls an alarm off: the clock it was last set at. */
    interface Owner {

        /** Takes it out of the queue, if it is in there. */
        boolean callOff(Alarm alarm);
    }

    /**
     * Its number among all that were added to its queue; guarded by the owner of that. It wraps, and is compared by
     * subtraction: between two that are due at the same point in time, no two thousand millions of others have come.
     */
    int arrival;

    /** Its place in the heap, if it is in there; guarded as above. */
    int place = TimerQueue.NOWHERE;

    /** Publishes who may call it off to a thread that did not set it. */
    private volatile @Nullable Owner owner;

    /** Not set. */
    protected Alarm() {}

    /**
     * Called once for each time it was set, on the timer's thread: short, without blocking, and with nothing of the
     * user's. What it throws goes to the thread's uncaught exception handler.
     */
    protected abstract void ring();

    /**
     * Calls it off, however often it was set before.
     *
     * @return whether it was set and will now not ring
     */
    protected final boolean callOff() {
        Owner known = owner;
        return known != null && known.callOff(this);
    }

    /** Called when it is set, by whoever can call it off. */
    final void belongsTo(Owner by) {
        owner = by;
    }

    /** Rings it. What it throws is the business of the thread's handler, and of no other alarm. */
    final void fire() {
        try {
            ring();
        } catch (Throwable thrown) {
            tellHandler(thrown);
        }
    }

    private static void tellHandler(Throwable thrown) {
        Thread current = Thread.currentThread();
        try {
            current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
        } catch (Throwable ignored) {
            // As the JVM itself does with a handler that fails.
        }
    }

    /** One that runs an action, and is the handle to it. */
    static final class Action extends Alarm implements TimeSource.Timer {
        private final Runnable action;

        Action(Runnable action) {
            this.action = action;
        }

        @Override
        protected void ring() {
            action.run();
        }

        @Override
        public boolean cancel() {
            return callOff();
        }
    }
}
