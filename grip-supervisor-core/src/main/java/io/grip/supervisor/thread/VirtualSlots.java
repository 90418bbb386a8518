package io.grip.supervisor.thread;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The slots of the virtual threads that are inside a frame. A platform thread keeps its slot in a thread local; a virtual one,
 * of which there may be a million that do little more than wait, would have its map of thread locals for that alone, and an
 * entry in a map of all slots besides. Here the slots themselves are the entries, found by their thread.
 *
 * <p>Parted into stripes, each with a lock of its own, held for a few steps without a call to anybody. That lock also
 * orders: whoever has changed what threads read once they are inside, and then looks at all slots, either finds a slot or
 * is seen by its thread.
 */
final class VirtualSlots {

    private static final int STRIPES = 64;
    private static final int FEWEST_BINS = 8;

    /** By how much a table grows or shrinks at once: who comes meanwhile is held up. */
    private static final int STEP = 4;

    private final Stripe[] stripes = new Stripe[STRIPES];

    VirtualSlots() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** The slot of a thread that is inside a frame; null for any other. */
    @Nullable
    ThreadSlot find(Thread thread) {
        int number = ThreadSlot.numberOf(thread);
        return stripe(number).find(number, thread);
    }

    /** Puts a slot in that is not there. */
    void add(ThreadSlot slot) {
        stripe(slot.number()).add(slot);
    }

    /** Takes a slot out, if it is there. */
    void remove(ThreadSlot slot) {
        stripe(slot.number()).remove(slot);
    }

    /** Whether any slot passes; those that come or go meanwhile may be asked or not. */
    boolean any(Predicate<? super ThreadSlot> wanted) {
        for (Stripe stripe : stripes) {
            for (ThreadSlot slot : stripe.list()) {
                if (wanted.test(slot)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Shows all slots, as {@link #any} does, stripe by stripe; where one cannot be shown, the others are all the same. */
    void forEachStripe(Consumer<? super List<ThreadSlot>> action) {
        forEachStripe(0, action);
    }

    private void forEachStripe(int from, Consumer<? super List<ThreadSlot>> action) {
        int next = from;
        try {
            while (next < STRIPES) {
                action.accept(stripes[next++].list());
            }
        } finally {
            if (next < STRIPES) {
                forEachStripe(next, action);
            }
        }
    }

    /** Numbers of threads that are started one after the other go to one stripe after the other. */
    private Stripe stripe(int number) {
        return stripes[number & (STRIPES - 1)];
    }

    /**
     * A table of chains, linked through the slots. All of it is guarded by its monitor but for one look ({@link #find}). It
     * shrinks only when it was nearly empty for long: threads that wait together come again together, and would find it small
     * each time.
     */
    private static final class Stripe {

        /** Publishes a table that is whole to those who read it without the monitor. */
        private volatile @Nullable ThreadSlot[] bins = new ThreadSlot[FEWEST_BINS];

        private int size;

        /** The largest size since the table was last looked at, and how many are to come before it is again. */
        private int largest;

        private int untilLook = STEP * FEWEST_BINS;

        /**
         * Called by the thread itself, which alone puts its slot in and takes it out. So it needs no lock to find its place
         * empty: with its slot in there it never is, neither in this array nor in one that it takes the place of.
         */
        @Nullable
        ThreadSlot find(int number, Thread thread) {
            @Nullable ThreadSlot[] some = bins;
            return some[bin(number, some.length)] == null ? null : search(number, thread);
        }

        private synchronized @Nullable ThreadSlot search(int number, Thread thread) {
            ThreadSlot slot = bins[bin(number, bins.length)];
            while (slot != null && slot.thread() != thread) {
                slot = slot.nextInBin;
            }
            return slot;
        }

        /** The only one that needs memory: nobody who takes a slot out can do with a failure. */
        synchronized void add(ThreadSlot slot) {
            if (size == bins.length) {
                resize(STEP * bins.length);
            } else if (--untilLook <= 0) {
                boolean isLarge = bins.length > FEWEST_BINS && largest < bins.length / (2 * STEP);
                resize(isLarge ? bins.length / STEP : bins.length);
            }
            link(slot, bins);
            size++;
            largest = Math.max(largest, size);
        }

        synchronized void remove(ThreadSlot slot) {
            int bin = bin(slot.number(), bins.length);
            ThreadSlot before = null;
            ThreadSlot found = bins[bin];
            while (found != null && found != slot) {
                before = found;
                found = found.nextInBin;
            }
            if (found == null) {
                return;
            }
            if (before == null) {
                bins[bin] = slot.nextInBin;
            } else {
                before.nextInBin = slot.nextInBin;
            }
            slot.nextInBin = null;
            size--;
        }

        synchronized List<ThreadSlot> list() {
            List<ThreadSlot> all = new ArrayList<>(size);
            if (size > 0) {
                for (ThreadSlot first : bins) {
                    for (ThreadSlot slot = first; slot != null; slot = slot.nextInBin) {
                        all.add(slot);
                    }
                }
            }
            return all;
        }

        private void resize(int length) {
            if (length != bins.length) {
                moveTo(new ThreadSlot[length]);
            }
            largest = size;
            untilLook = STEP * length;
        }

        private void moveTo(@Nullable ThreadSlot[] others) {
            for (ThreadSlot first : bins) {
                ThreadSlot slot = first;
                while (slot != null) {
                    ThreadSlot following = slot.nextInBin;
                    link(slot, others);
                    slot = following;
                }
            }
            bins = others;
        }

        private static void link(ThreadSlot slot, @Nullable ThreadSlot[] bins) {
            int bin = bin(slot.number(), bins.length);
            slot.nextInBin = bins[bin];
            bins[bin] = slot;
        }

        private static int bin(int number, int length) {
            return number / STRIPES & (length - 1);
        }
    }
}
