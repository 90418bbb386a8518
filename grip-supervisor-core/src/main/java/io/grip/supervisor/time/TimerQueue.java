package io.grip.supervisor.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The actions of a timer, the next one first; equal points in time in the order of their arrival.
 *
 * <p>A binary heap whose entries know their place, so that calling one off is as cheap as adding one and leaves nothing
 * behind. Not safe for concurrent use: the owner guards it, and entries are called off through the owner.
 */
final class TimerQueue {

    private Entry[] heap = new Entry[16];
    private int size;
    private long arrivals;

    void add(Entry entry) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        entry.arrival = arrivals++;
        siftUp(size++, entry);
    }

    @Nullable
    Entry peek() {
        return size == 0 ? null : heap[0];
    }

    /** Takes the first entry out if it is due, else returns null. */
    @Nullable
    Entry pollDue(long now) {
        return size == 0 || Nanos.isBefore(now, heap[0].at) ? null : poll();
    }

    /** Takes the first entry out, due or not; null if there is none. */
    @Nullable
    Entry poll() {
        Entry first = peek();
        if (first != null) {
            remove(first);
        }
        return first;
    }

    /** Takes an entry out; false if it is not in here any more. */
    boolean remove(Entry entry) {
        int place = entry.place;
        if (place < 0) {
            return false;
        }
        entry.place = -1;
        Entry last = heap[--size];
        clear(size);
        if (last != entry) {
            siftDown(place, last);
            if (heap[place] == last) {
                siftUp(place, last);
            }
        }
        return true;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("NullAway") // the heap is an array of entries up to its size, and empty beyond
    private void clear(int place) {
        heap[place] = null;
    }

    private void siftUp(int from, Entry entry) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!entry.isBefore(heap[parent])) {
                break;
            }
            put(place, heap[parent]);
            place = parent;
        }
        put(place, entry);
    }

    private void siftDown(int from, Entry entry) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(entry)) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, entry);
    }

    private void put(int place, Entry entry) {
        heap[place] = entry;
        entry.place = place;
    }

    /** One action and its point in time. Guarded by the owner of the queue. */
    abstract static class Entry implements TimeSource.Timer {
        final long at;
        final Runnable action;
        private long arrival;
        private int place = -1;

        Entry(long at, Runnable action) {
            this.at = at;
            this.action = action;
        }

        /** Runs the action. What it throws is the business of the thread's handler, and of no other action. */
        final void fire() {
            try {
                action.run();
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

        boolean isBefore(Entry other) {
            return at == other.at ? arrival < other.arrival : Nanos.isBefore(at, other.at);
        }
    }
}
