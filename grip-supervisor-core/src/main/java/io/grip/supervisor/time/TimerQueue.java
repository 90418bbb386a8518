package io.grip.supervisor.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The alarms of a timer, the next one first; equal points in time in the order of their arrival.
 *
 * <p>A heap, each entry of which has up to four below it that are not before it. Entries know their place, so that calling
 * one off is as cheap as adding one and leaves nothing behind. Their points in time lie in an array of their own: to find
 * the first of four is to look at 32 bytes in a row, and not at four objects all over the heap of the JVM, which with many
 * pending is most of what a timer does. Not safe for concurrent use: the owner guards it and what its entries have in this
 * package.
 */
final class TimerQueue {

    /** The place of an alarm that is not in the queue. */
    static final int NOWHERE = -1;

    /** How many lie below each, as a shift. */
    private static final int WIDTH = 2;

    /** As many references as a header takes, so that an array and its header fill a power of two: see {@link #grow}. */
    private static final int HEADER = 4;

    private Alarm[] heap = new Alarm[16 - HEADER];

    /** When the alarm in the same place is due. */
    private long[] points = new long[16 - HEADER];

    private int size;
    private int arrivals;

    /**
     * Adds an alarm.
     *
     * @return its number
     * @throws IllegalStateException if it is in a queue already
     */
    int add(long at, Alarm entry) {
        if (entry.place != NOWHERE) {
            throw new IllegalStateException("the alarm is set already");
        }
        if (size == heap.length) {
            grow();
        }
        entry.arrival = arrivals++;
        siftUp(size++, at, entry);
        return entry.arrival;
    }

    /**
     * Both or none, should there be no memory for them. A collector that gives whole regions to what is large would give
     * one region more to an array that is a header larger than them.
     */
    private void grow() {
        int capacity = 2 * size + HEADER;
        Alarm[] alarms = Arrays.copyOf(heap, capacity);
        points = Arrays.copyOf(points, capacity);
        heap = alarms;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** When the first entry is due; there is one. */
    long firstPoint() {
        return points[0];
    }

    @Nullable
    Alarm peek() {
        return size == 0 ? null : heap[0];
    }

    /** Takes the first entry out if it is due, else returns null. */
    @Nullable
    Alarm pollDue(long now) {
        return size == 0 || Nanos.isBefore(now, points[0]) ? null : poll();
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
            siftDown(place, points[size], last);
            if (heap[place] == last) {
                siftUp(place, points[size], last);
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

    private void siftUp(int from, long at, Alarm entry) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> WIDTH;
            if (!isBefore(at, entry, parent)) {
                break;
            }
            put(place, points[parent], heap[parent]);
            place = parent;
        }
        put(place, at, entry);
    }

    private void siftDown(int from, long at, Alarm entry) {
        int place = from;
        int first = firstBelow(place);
        while (first < size && !isBefore(at, entry, first)) {
            put(place, points[first], heap[first]);
            place = first;
            first = firstBelow(place);
        }
        put(place, at, entry);
    }

    /** The place of the first among those below a place; beyond the end if there is none. */
    private int firstBelow(int place) {
        long below = ((long) place << WIDTH) + 1;
        if (below >= size) {
            return size;
        }
        int first = (int) below;
        int end = (int) Math.min(size, below + (1 << WIDTH));
        for (int other = first + 1; other < end; other++) {
            if (isBefore(points[other], heap[other], first)) {
                first = other;
            }
        }
        return first;
    }

    /** Whether an entry comes before the one in a place. Looks at the entries only where they are due at the same time. */
    private boolean isBefore(long at, Alarm entry, int place) {
        long point = points[place];
        return at == point ? entry.arrival - heap[place].arrival < 0 : Nanos.isBefore(at, point);
    }

    private void put(int place, long at, Alarm entry) {
        points[place] = at;
        heap[place] = entry;
        entry.place = place;
    }
}
