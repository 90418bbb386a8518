package io.grip.supervisor.time;

import java.time.Duration;

/** Saturating arithmetic on nanosecond values, for spans of any length. Stateless; safe for any thread. */
public final class Nanos {

    /**
     * The longest span that can be added to a point in time and still be compared with it by subtraction: about 146
     * years. Longer ones are cut to it.
     */
    public static final long LONGEST = Long.MAX_VALUE >> 1;

    private Nanos() {}

    /** The nanoseconds of a duration, cut to plus or minus {@link #LONGEST}. */
    public static long of(Duration duration) {
        long seconds = duration.getSeconds();
        if (seconds >= LONGEST / 1_000_000_000L) {
            return LONGEST;
        }
        if (seconds <= -(LONGEST / 1_000_000_000L)) {
            return -LONGEST;
        }
        return seconds * 1_000_000_000L + duration.getNano();
    }

    /** The point in time that lies a duration after another; a negative duration counts as none. */
    public static long after(long point, Duration duration) {
        return point + Math.max(0, of(duration));
    }

    /** Whether point {@code a} lies before point {@code b}. */
    public static boolean isBefore(long a, long b) {
        return a - b < 0;
    }

    /** The earlier of two points in time. */
    public static long earlier(long a, long b) {
        return a - b <= 0 ? a : b;
    }
}
