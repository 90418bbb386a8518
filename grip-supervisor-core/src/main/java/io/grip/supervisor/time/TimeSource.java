package io.grip.supervisor.time;

/**
 * A monotonic clock together with the timer and the blocking wait that go by it.
 *
 * <p>Everything in the library that depends on time asks one of these, so a test can put {@link ManualTime} in its
 * place and move it without waiting. Points in time are nanosecond values of {@link #nanoTime()}; like those of
 * {@link System#nanoTime()} they mean nothing by themselves and are compared by subtraction.
 *
 * <p>Implementations are safe for use by any number of threads.
 */
public interface TimeSource {

    /** The present, in nanoseconds since an arbitrary origin; never goes back. */
    long nanoTime();

    /**
     * Runs an action once, as soon as this clock reaches a point in time. A point in the past is due at once, but
     * never runs on the calling thread before this method has returned.
     *
     * <p>The action runs on the thread of the timer, which all others wait for: it must be short, must not block, and
     * hands longer work to an executor. What it throws goes to the thread's uncaught exception handler and harms no
     * other action.
     *
     * @param at the point in time, a value of {@link #nanoTime()}
     * @param action what to run
     * @return a handle to call it off
     */
    Timer schedule(long at, Runnable action);

    /**
     * Makes an alarm ring once, when and where {@link #schedule(long, Runnable)} would run an action.
     *
     * <p>This default serves time sources of others' making; it gains nothing over an action.
     *
     * @param at the point in time, a value of {@link #nanoTime()}
     * @param alarm what is to ring; not set at the moment
     * @return a handle to call it off as far as it was set by this call: once it has rung, the handle does nothing, be it
     *     that the alarm was set again
     */
    default Timer schedule(long at, Alarm alarm) {
        Timer timer = schedule(at, alarm::ring);
        alarm.belongsTo(called -> timer.cancel());
        return timer;
    }

    /**
     * Blocks the calling thread until this clock reaches a point in time, the thread is unparked
     * ({@link java.util.concurrent.locks.LockSupport#unpark}) or interrupted, or for no reason at all; callers check
     * their condition in a loop. The interrupt flag is left as it is. Since a caller has looked at its condition before,
     * an implementation must not use up an unpark on the way in, as waiting for a lock would.
     *
     * @param at the point in time, a value of {@link #nanoTime()}
     */
    void parkUntil(long at);

    /** Blocks the calling thread as {@link #parkUntil} does, without an end in time. */
    void park();

    /** The clock of the JVM, with one daemon timer thread that starts with its first action. */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }

    /** A handle to an action that was scheduled; safe for use by any thread. */
    @FunctionalInterface
    interface Timer {

        /**
         * Calls the action off.
         *
         * @return whether it will now never run; false if it has run, is running, or was called off before
         */
        boolean cancel();
    }
}
