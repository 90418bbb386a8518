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
 * <p>One word holds four things: how many permits are in use (low 30 bits), whether the stripes are open (bit 30),
 * whether anyone waits (bit 31), and how many have arrived (high 32 bits). While nobody waits, taking and giving back are
 * one compare-and-set each. While somebody waits, the bit sends everybody to the lock, so that nobody overtakes; under
 * the lock each free permit goes to the waiter with the lowest arrival number. Both bits are changed under the lock only.
 *
 * <p>One word is slow where two processors meet at it. So a permit may be given back to one of the {@link Stripes}, to be
 * taken from there again with nothing shared written; it stays in use as far as the word is concerned. Whoever finds the
 * word full, or is about to wait, first closes the stripes and returns what lies in them to the word. They are closed as
 * long as anyone waits, and opened again once half of the permits are free. From this follows what the word says:
 *
 * <ul>
 *   <li>Stripes closed: exactly so many are out. Full then means full, in one reading. A look through open stripes could
 *       not tell: a permit may move from one not yet looked at to one looked at already.
 *   <li>Somebody waits: the stripes are closed, so there is no way past the lock.
 *   <li>Stripes open: at most so many are out, so the limit holds.
 * </ul>
 *
 * <p>Order of arrival: an execution that drew a number is behind all that drew one before and before all that draw one
 * later. One that took its permit from a stripe draws none. It is behind all that had drawn one when it came, and before
 * all that draw one later, hence before everybody who comes and has to wait while it runs. Several such ones with no draw
 * between them came while nobody waited, and are equal; should they wait later on, for a retry, they are served as they
 * come to the queue.
 *
 * <p>Arrival numbers are 32 bits and compared by subtraction: right as long as fewer than 2^31 executions arrive while
 * one is under way. Safe for use by any thread; nothing blocks but for the lock, under which no foreign code runs.
 */
public final class Permits {

    /** No arrival number, which are not negative: a primitive, so that an admitted call allocates nothing. */
    public static final long NOT_TAKEN = -1;

    /** The largest limit, which nothing reaches. */
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    private static final long IN_USE = 0x3FFF_FFFFL;
    private static final long OPEN = 0x4000_0000L;
    private static final long WAITERS = 0x8000_0000L;
    private static final long ARRIVAL = 0x1_0000_0000L;

    /** Beside a number: not drawn, but directly before the one who draws it. */
    private static final long BEFORE = 0x1_0000_0000L;

    private final AtomicLong word = new AtomicLong();
    private final Stripes stripes;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock: those who wait, in the order in which they are served. */
    private final TreeSet<Waiter> queue = new TreeSet<>(Permits::inOrder);

    /** Guarded by the lock: how many have come to the queue. */
    private long queued;

    /** How many there are. Written under the lock; volatile for those who take one without it. */
    private volatile int limit;

    /** Some permits.
     *
     * @param limit how many, 1 or more
     */
    public Permits(int limit) {
        this(limit, new Stripes());
    }

    Permits(int limit, Stripes stripes) {
        this.limit = limit;
        this.stripes = stripes;
        openStripes();
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
            if (isFree(seen)) {
                if (word.compareAndSet(seen, seen + ARRIVAL + 1)) {
                    return numberOf(seen);
                }
            } else if (!mayHideSome(seen)) {
                return NOT_TAKEN;
            } else {
                collect();
            }
        }
    }

    /**
     * As {@link #tryArriveAndTake}, at its best without a write to anything that other processors use. The permit may be
     * given back like any other.
     *
     * @param hint any number; threads that run at the same time had better have different ones
     */
    public long tryArriveAndTakeNear(int hint) {
        // Read first, so that whoever draws a number after this one was admitted is behind it.
        long seen = word.get();
        return stripes.tryTake(hint) ? BEFORE | numberOf(seen) : tryArriveAndTake();
    }

    /**
     * Takes a permit if one is free and nobody waits.
     *
     * @return whether it did
     */
    public boolean tryTake() {
        while (true) {
            long seen = word.get();
            if (isFree(seen)) {
                if (word.compareAndSet(seen, seen + 1)) {
                    return true;
                }
            } else if (!mayHideSome(seen)) {
                return false;
            } else {
                collect();
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
            closeStripes();
            waiter.turn = queued++;
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
     * Gives a permit back, at its best without a write to anything that other processors use. It may have been taken in
     * any way.
     *
     * @param hint as for {@link #tryArriveAndTakeNear}; the one that it was taken with is best
     */
    public void giveBackNear(int hint) {
        if (stripes.tryGiveBack(hint, limit)) {
            return;
        }
        giveBack();
        if (mayOpen(word.get())) {
            openStripes();
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
            closeStripes();
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

    /** How many are out, for one who was refused: it closes the stripes, so that the number is exact. */
    public int inUse() {
        long seen = word.get();
        while ((seen & OPEN) != 0) {
            collect();
            seen = word.get();
        }
        return inUse(seen);
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

    /** Whether there may be permits in the stripes beside those that this reading of the word shows. */
    private static boolean mayHideSome(long seen) {
        return (seen & OPEN) != 0;
    }

    /** Returns to the word what lies in the stripes. */
    private void collect() {
        lock.lock();
        try {
            closeStripes();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. The word changes last and at once: where it says closed, it counts what they held as free. */
    private void closeStripes() {
        if ((word.get() & OPEN) != 0) {
            word.getAndAdd(-(OPEN + stripes.close()));
        }
    }

    /** The word changes first: no stripe is open where it says closed. Whoever comes while the lock is held leaves it. */
    private void openStripes() {
        if (lock.tryLock()) {
            try {
                if (mayOpen(word.get())) {
                    word.getAndAdd(OPEN);
                    stripes.open();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * What lies in the stripes is a quarter of the limit at most, so they are closed when more than three quarters are
     * out; opened at a half, they cannot be opened and closed by each call in turn. Nobody waits while a half is free.
     */
    private boolean mayOpen(long seen) {
        return (seen & OPEN) == 0 && inUse(seen) <= limit / 2 && stripes.areWorthwhile(limit);
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

    /** By number; with equal ones, who came just before it was drawn precedes who drew it; then as they came to wait. */
    private static int inOrder(Waiter a, Waiter b) {
        int byNumber = (int) a.arrival - (int) b.arrival;
        if (byNumber != 0) {
            return byNumber;
        }
        int byDraw = Long.compare(b.arrival & BEFORE, a.arrival & BEFORE);
        return byDraw != 0 ? byDraw : Long.compare(a.turn, b.turn);
    }
}
