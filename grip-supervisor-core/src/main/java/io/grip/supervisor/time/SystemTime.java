package io.grip.supervisor.time;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's monotonic clock. All state is guarded by {@code lock}; actions run on the timer thread with the lock free,
 * and the thread, once started, stays: it is one daemon for the whole JVM.
 */
final class SystemTime implements TimeSource, Alarm.Owner {

    static final SystemTime INSTANCE = new SystemTime();

    private static final int BATCH = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sooner = lock.newCondition();
    private final TimerQueue queue = new TimerQueue();
    private @Nullable Thread thread;

    /** For the one instance there is, and for tests. */
    SystemTime() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
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
        return () -> callOff(alarm, arrival);
    }

    private int add(long at, Alarm alarm) {
        lock.lock();
        try {
            // First of all: where no thread can be had, the caller hears of it and nothing is left behind.
            if (thread == null) {
                thread = start();
            }
            int arrival = queue.add(at, alarm);
            alarm.belongsTo(this);
            if (queue.peek() == alarm) {
                sooner.signal();
            }
            return arrival;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean callOff(Alarm alarm) {
        lock.lock();
        try {
            return queue.remove(alarm);
        } finally {
            lock.unlock();
        }
    }

    private boolean callOff(Alarm alarm, int arrival) {
        lock.lock();
        try {
            return queue.remove(alarm, arrival);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void parkUntil(long at) {
        long left = at - System.nanoTime();
        if (left > 0) {
            LockSupport.parkNanos(this, left);
        }
    }

    @Override
    public void park() {
        LockSupport.park(this);
    }

    /** The thread outlives whoever happens to need it first, so it takes nothing along from there. */
    private Thread start() {
        Thread timer = new Thread(null, this::serve, "grip-timer", 0, false);
        timer.setContextClassLoader(SystemTime.class.getClassLoader());
        timer.setDaemon(true);
        timer.start();
        return timer;
    }

    /** The loop of the timer thread: due actions are taken out in batches under the lock and run without it. */
    private void serve() {
        List<Alarm> due = new ArrayList<>(BATCH);
        while (true) {
            try {
                awaitDue(due);
            } catch (OutOfMemoryError noMemoryToWaitWith) {
                // Every limit in this JVM hangs on this thread, so it goes on: it looks again, and waits once it can.
                Thread.yield();
            }
            due.forEach(Alarm::fire);
            due.clear();
        }
    }

    private void awaitDue(List<Alarm> due) {
        lock.lock();
        try {
            while (due.isEmpty()) {
                long now = System.nanoTime();
                Alarm next = queue.pollDue(now);
                while (next != null) {
                    due.add(next);
                    next = due.size() < BATCH ? queue.pollDue(now) : null;
                }
                if (due.isEmpty()) {
                    await(now);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void await(long now) {
        try {
            if (queue.isEmpty()) {
                sooner.await();
            } else {
                sooner.awaitNanos(queue.firstPoint() - now);
            }
        } catch (InterruptedException stray) {
            // Nobody has a reason to interrupt the timer, whose thread is its own and never ends. The loop looks at the
            // queue again, which is all that waking up means here.
        }
    }
}
