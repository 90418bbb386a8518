package io.grip.supervisor.admission;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A few places in which permits lie for whoever comes by there next. Each is a count of its own, far enough from the
 * others that two processors do not get into each other's way, or it is closed.
 *
 * <p>{@link Permits} opens and closes them, under its lock; any thread takes and gives, by compare-and-set. After a
 * close, nothing lies in them and nothing gets in.
 */
final class Stripes {

    /** In longs: two cache lines, since processors fetch lines in pairs. */
    private static final int SPACING = 16;

    private static final int MOST = 8;
    private static final long CLOSED = -1;

    /** A power of two. */
    private final int count;

    /** What each may hold is the limit shifted by this: all of them together hold a quarter of it at most. */
    private final int shift;

    /** The first place stays empty: it shares a line with the length of the array, which everybody reads. */
    private final AtomicLongArray permits;

    /** As many as there are processors, up to 8. */
    Stripes() {
        this(Math.min(Runtime.getRuntime().availableProcessors(), MOST));
    }

    /** Closed ones.
     *
     * @param atLeast how many, 1 or more; it is rounded up to a power of two
     */
    Stripes(int atLeast) {
        int log = Integer.SIZE - Integer.numberOfLeadingZeros(atLeast - 1);
        count = 1 << log;
        shift = log + 2;
        permits = new AtomicLongArray((count + 1) * SPACING);
        close();
    }

    /** Whether each may hold one at least under such a limit. */
    boolean areWorthwhile(int limit) {
        return limit >> shift > 0;
    }

    /** Takes a permit if one lies there. */
    boolean tryTake(int hint) {
        int place = placeOf(hint);
        while (true) {
            long seen = permits.get(place);
            if (seen <= 0) {
                return false;
            }
            if (permits.compareAndSet(place, seen, seen - 1)) {
                return true;
            }
        }
    }

    /** Leaves a permit there, if it is open and has room under the limit. */
    boolean tryGiveBack(int hint, int limit) {
        int place = placeOf(hint);
        int room = limit >> shift;
        while (true) {
            long seen = permits.get(place);
            if (seen == CLOSED || seen >= room) {
                return false;
            }
            if (permits.compareAndSet(place, seen, seen + 1)) {
                return true;
            }
        }
    }

    /** Opens all, which are closed. */
    void open() {
        for (int stripe = 0; stripe < count; stripe++) {
            permits.set(placeOf(stripe), 0);
        }
    }

    /**
     * Closes all.
     *
     * @return how many permits lay there, which are the caller's now
     */
    long close() {
        long collected = 0;
        for (int stripe = 0; stripe < count; stripe++) {
            collected += Math.max(0, permits.getAndSet(placeOf(stripe), CLOSED));
        }
        return collected;
    }

    private int placeOf(int hint) {
        return ((hint & count - 1) + 1) * SPACING;
    }
}
