package io.grip.supervisor.admission;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A number of permits, served strictly in order of arrival as soon as anyone waits.
 *
 * <p>One word holds three things: how many permits are out (low 31 bits), whether anyone waits (bit 31), and how many
 * have arrived (high 32 bits). While nobody waits, taking and giving back are one compare-and-set each. While somebody
 * waits, the bit sends everybody to the lock, so that nobody overtakes; under the lock each free permit goes to the
 * waiter with the lowest arrival number. The bit is changed under the lock only.
 *
 * <p>Arrival numbers are 32 bits and compared by subtraction: right as long as fewer than 2^31 executions arrive while
 * one is under way. Safe for use by any thread; nothing blocks but for the lock, under which no foreign code runs.
 */
public final class Permits {

    /** No arrival number, which are 32 bits and not negative: a primitive, so that an admitted call allocates nothing. */
    public static final long NOT_TAKEN = -1;

    /** The largest limit, which nothing reaches. */
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    private static final long IN_USE = 0x7FFF_FFFFL;
    private static final long WAITERS = 0x8000_0000L;
    private static final long ARRIVAL = 0x1_0000_0000L;

    private final AtomicLong word = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock: those who wait, in the order in which they are served. */
    private final TreeSet<Waiter> queue = new TreeSet<>(Permits::compareArrivals);

    /** How many there are. Written under the lock; volatile for those who take one without it. */
    private volatile int limit;

    /** Some permits.
     *
     * @param limit how many, 1 or more
     */
    public Permits(int limit) {
        this.limit = limit;
    }

    /** Draws the number by which an execution is served, the first time and ever after. */
    public long arrive() {
        return numberOf(word.getAndAdd(ARRIVAL));
    }

    /**
     * Draws a number and takes a permit, if one is free and nobody waits.
     *
     * @return the number, or {@link #NOT_TAKEN} if there was no permit, and then no number was drawn
     */
    public long tryArriveAndTake() {
        while (true) {
            long seen = word.get();
            if (!isFree(seen)) {
                return NOT_TAKEN;
            }
            if (word.compareAndSet(seen, seen + ARRIVAL + 1)) {
                return numberOf(seen);
            }
        }
    }

    /**
     * Takes a permit if one is free and nobody waits.
     *
     * @return whether it did
     */
    public boolean tryTake() {
        while (true) {
            long seen = word.get();
            if (!isFree(seen)) {
                return false;
            }
            if (word.compareAndSet(seen, seen + 1)) {
                return true;
            }
        }
    }

    /**
     * Takes a permit for a waiter, or puts it into the queue.
     *
     * @return whether it was granted at once; if not, {@link Waiter#granted} follows unless it is withdrawn before,
     *     which may even have happened before this call
     */
    public boolean takeOrEnqueue(Waiter waiter) {
        List<Waiter> granted = new ArrayList<>(1);
        lock.lock();
        try {
            if (waiter.state == Waiter.State.WITHDRAWN) {
                return false;
            }
            queue.add(waiter);
            announceWaiters();
            grantFree(granted);
        } finally {
            lock.unlock();
        }
        boolean atOnce = granted.remove(waiter);
        tell(granted.iterator());
        return atOnce;
    }

    /**
     * Takes a waiter out of the queue.
     *
     * @return whether it leaves without a permit; false means that one was granted, which the caller now owns
     */
    public boolean withdraw(Waiter waiter) {
        List<Waiter> granted = new ArrayList<>(0);
        lock.lock();
        try {
            if (waiter.state != Waiter.State.WAITING) {
                return false;
            }
            waiter.state = Waiter.State.WITHDRAWN;
            queue.remove(waiter);
            grantFree(granted);
        } finally {
            lock.unlock();
        }
        tell(granted.iterator());
        return true;
    }

    /** Gives a permit back, to the first in the queue if there is one. */
    public void giveBack() {
        while (true) {
            long seen = word.get();
            if ((seen & WAITERS) != 0) {
                giveBackToQueue();
                return;
            }
            if (word.compareAndSet(seen, seen - 1)) {
                return;
            }
        }
    }

    /**
     * Changes how many there are. More are served to those who wait at once; of fewer, none is taken from anybody, they
     * run out as they are given back.
     *
     * @param limit how many, 1 or more
     */
    public void resize(int limit) {
        tell(resizeUntold(limit));
    }

    /**
     * As {@link #resize}, for one who holds a lock under which nobody else's code may run.
     *
     * @return those who were served, for {@link #tell} to be called once that lock is free
     */
    public List<Waiter> resizeUntold(int limit) {
        List<Waiter> granted = new ArrayList<>();
        lock.lock();
        try {
            this.limit = limit;
            grantFree(granted);
        } finally {
            lock.unlock();
        }
        return granted;
    }

    /** Tells those who were served. */
    public static void tell(List<Waiter> granted) {
        tell(granted.iterator());
    }

    /** How many there are. */
    public int limit() {
        return limit;
    }

    /** How many are out. */
    public int inUse() {
        return inUse(word.get());
    }

    /** How many wait. */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private void giveBackToQueue() {
        List<Waiter> granted = new ArrayList<>(1);
        lock.lock();
        try {
            word.decrementAndGet();
            grantFree(granted);
        } finally {
            lock.unlock();
        }
        tell(granted.iterator());
    }

    /** Under the lock: from here on everybody comes to the lock, so the permits seen free are free for the queue. */
    private void announceWaiters() {
        word.getAndUpdate(seen -> seen | WAITERS);
    }

    /** Under the lock, with the bit set if anyone waits: serves the queue, and clears the bit if none is left in it. */
    private void grantFree(List<Waiter> granted) {
        while (!queue.isEmpty() && inUse(word.get()) < limit) {
            word.incrementAndGet();
            Waiter first = queue.pollFirst();
            first.state = Waiter.State.GRANTED;
            granted.add(first);
        }
        if (queue.isEmpty()) {
            word.getAndUpdate(seen -> seen & ~WAITERS);
        }
    }

    /** Each of them owns a permit by now, so each is told, even where telling another has failed. */
    private static void tell(Iterator<Waiter> granted) {
        try {
            while (granted.hasNext()) {
                granted.next().granted();
            }
        } finally {
            if (granted.hasNext()) {
                tell(granted);
            }
        }
    }

    private boolean isFree(long seen) {
        return (seen & WAITERS) == 0 && inUse(seen) < limit;
    }

    private static int inUse(long seen) {
        return (int) (seen & IN_USE);
    }

    private static long numberOf(long seen) {
        return seen >>> 32;
    }

    private static int compareArrivals(Waiter a, Waiter b) {
        return (int) a.arrival - (int) b.arrival;
    }
}
