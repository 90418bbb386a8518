package io.grip.supervisor.time;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock for tests that stands still until it is moved.
 *
 * <p>{@link #create()} gives one that moves by {@link #advance(Duration)} alone: actions that come due on the way run
 * on the advancing thread, in the order of their points in time, each of them seeing its own point as the present.
 * {@link #selfAdvancing()} gives one that moves by itself: a thread that waits moves it to the end of its wait at once,
 * so a policy with minutes of backoff is tested in microseconds, on one thread.
 *
 * <p>Safe for use by any thread. Actions run with no lock held.
 */
public final class ManualTime implements TimeSource {

    private final boolean selfAdvancing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition parkedChanged = lock.newCondition();
    private final TimerQueue queue = new TimerQueue();
    private final Alarm.Owner owner = alarm -> callOff(() -> queue.remove(alarm));

    /** The present. Written under the lock; volatile so that reading the clock takes none. */
    private volatile long now;

    private int parked;

    private ManualTime(boolean selfAdvancing) {
        this.selfAdvancing = selfAdvancing;
    }

    /** A clock that moves by {@link #advance(Duration)} alone. */
    public static ManualTime create() {
        return new ManualTime(false);
    }

    /** A clock that a waiting thread moves to the end of its own wait, running what comes due on the way. */
    public static ManualTime selfAdvancing() {
        return new ManualTime(true);
    }

    /**
     * Moves the time, and runs each action that comes due on the way, on this thread, at its own point in time; what
     * they schedule within the span runs too. Threads that wait for a point on the way wake up.
     *
     * @param span how far, zero or more; zero runs what is due already
     * @throws IllegalArgumentException if the span is negative
     */
    public void advance(Duration span) {
        if (span.isNegative()) {
            throw new IllegalArgumentException("span must not be negative: " + span);
        }
        advanceTo(Nanos.after(now, span));
    }

    /** How many threads are blocked in a wait on this clock at this moment. */
    public int waitingThreads() {
        enter();
        try {
            return parked;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until at least some number of threads wait on this clock, so that a test moves the time only when the
     * code it tests has got there.
     *
     * @param threads how many
     * @param patience how long to wait in real time at the most
     * @throws IllegalStateException if fewer wait when the patience is over
     * @throws InterruptedException if interrupted meanwhile
     */
    public void awaitWaitingThreads(int threads, Duration patience) throws InterruptedException {
        long left = Nanos.of(patience);
        lock.lockInterruptibly();
        try {
            while (parked < threads) {
                if (left <= 0) {
                    throw new IllegalStateException(
                            "after " + patience + " only " + parked + " of " + threads + " threads wait on this clock");
                }
                left = parkedChanged.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many actions are scheduled and have not run. */
    public int pendingTimers() {
        enter();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Timer schedule(long at, Runnable action) {
        Alarm.Action entry = new Alarm.Action(action);
        add(at, entry);
        return entry;
    }

    @Override
    public Timer schedule(long at, Alarm alarm) {
        int arrival = add(at, alarm);
        return () -> callOff(() -> queue.remove(alarm, arrival));
    }

    private int add(long at, Alarm alarm) {
        enter();
        try {
            int arrival = queue.add(at, alarm);
            alarm.belongsTo(owner);
            return arrival;
        } finally {
            lock.unlock();
        }
    }

    private boolean callOff(BooleanSupplier removal) {
        enter();
        try {
            return removal.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void parkUntil(long at) {
        Thread waiter = Thread.currentThread();
        if (!Nanos.isBefore(now, at) || waiter.isInterrupted()) {
            return;
        }
        if (selfAdvancing) {
            // One step only: the waiter has to look after each action whether that has ended its wait, which it then
            // does at the right time.
            fireNextUntil(at);
            return;
        }
        Timer wakeUp = schedule(at, () -> LockSupport.unpark(waiter));
        try {
            // Looked at again: where the time has passed the point meanwhile, nobody will come and wake us.
            if (Nanos.isBefore(now, at)) {
                parkHere();
            }
        } finally {
            wakeUp.cancel();
        }
    }

    /** {@inheritDoc} On a self-advancing clock it runs the next scheduled action, where there is one, and returns. */
    @Override
    public void park() {
        boolean stepped = selfAdvancing && !Thread.currentThread().isInterrupted() && fireNext();
        if (!stepped) {
            parkHere();
        }
    }

    private void parkHere() {
        countParked(1);
        try {
            LockSupport.park(this);
        } finally {
            countParked(-1);
        }
    }

    private void advanceTo(long end) {
        while (fireNextUntil(end)) {
            // Each action may schedule more within the span, so the next one is looked up anew.
        }
    }

    /**
     * Runs the next action due by a point in time; where there is none, moves the time there. Both are decided under one
     * lock, so that nothing can be scheduled for a moment which is just being passed over.
     */
    private boolean fireNextUntil(long end) {
        @Nullable Alarm entry;
        enter();
        try {
            long next = queue.isEmpty() || Nanos.isBefore(end, queue.firstPoint()) ? end : queue.firstPoint();
            entry = queue.pollDue(end);
            moveTo(next);
        } finally {
            lock.unlock();
        }
        return fire(entry);
    }

    private boolean fireNext() {
        @Nullable Alarm entry;
        enter();
        try {
            if (!queue.isEmpty()) {
                moveTo(queue.firstPoint());
            }
            entry = queue.poll();
        } finally {
            lock.unlock();
        }
        return fire(entry);
    }

    private static boolean fire(@Nullable Alarm entry) {
        if (entry == null) {
            return false;
        }
        entry.fire();
        return true;
    }

    /** Under the lock. */
    private void moveTo(long point) {
        if (Nanos.isBefore(now, point)) {
            now = point;
        }
    }

    /**
     * Takes the lock without ever parking: the wake-up meant for a wait that this thread is about to begin could end the
     * wait for the lock instead, and be gone. The lock is held for a few steps only.
     */
    private void enter() {
        while (!lock.tryLock()) {
            Thread.yield();
        }
    }

    private void countParked(int change) {
        enter();
        try {
            parked += change;
            parkedChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
