package io.grip.supervisor.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of a timer, the next one first; equal points in time in the order of their arrival.
 *
 * <p>A binary heap whose entries know their place, so that calling one off is as cheap as adding one and leaves nothing
 * behind. Not safe for concurrent use: the owner guards it and what its entries have in this package.
 */
final class TimerQueue {

    /** The place of an alarm that is not in the queue. */
    static final int NOWHERE = -1;

    private Alarm[] heap = new Alarm[16];
    private int size;
    private int arrivals;

    /**
     * Adds an alarm.
     *
     * @return its number
     * @throws IllegalStateException if it is in a queue already
     */
    int add(Alarm entry) {
        if (entry.place != NOWHERE) {
            throw new IllegalStateException("the alarm is set already");
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        entry.arrival = arrivals++;
        siftUp(size++, entry);
        return entry.arrival;
    }

    @Nullable
    Alarm peek() {
        return size == 0 ? null : heap[0];
    }

    /** Takes the first entry out if it is due, else returns null. */
    @Nullable
    Alarm pollDue(long now) {
        return size == 0 || Nanos.isBefore(now, heap[0].at) ? null : poll();
    }

    /** Takes the first entry out, due or not; null if there is none. */
    @Nullable
    Alarm poll() {
        Alarm first = peek();
        if (first != null) {
            remove(first);
        }
        return first;
    }

    /** Takes an entry out; false if it is not in here any more. */
    boolean remove(Alarm entry) {
        int place = entry.place;
        if (place == NOWHERE) {
            return false;
        }
        entry.place = NOWHERE;
        Alarm last = heap[--size];
        clear(size);
        if (last != entry) {
            siftDown(place, last);
            if (heap[place] == last) {
                siftUp(place, last);
            }
        }
        return true;
    }

    /** As {@link #remove(Alarm)}, if it is still in here by that number. */
    boolean remove(Alarm entry, int arrival) {
        return entry.arrival == arrival && remove(entry);
    }

    int size() {
        return size;
    }

    @SuppressWarnings("NullAway") // the heap is an array of entries up to its size, and empty beyond
    private void clear(int place) {
        heap[place] = null;
    }

    private void siftUp(int from, Alarm entry) {
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

    private void siftDown(int from, Alarm entry) {
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

    private void put(int place, Alarm entry) {
        heap[place] = entry;
        entry.place = place;
    }
}
