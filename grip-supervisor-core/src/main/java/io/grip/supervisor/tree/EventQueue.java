package io.grip.supervisor.tree;

import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.TimeSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to listeners: bounded, never blocking; what does not fit is dropped and counted, what
 * nobody is interested in is not even counted. Offered by the owner, by ends applied beside each other, and by guards of
 * hooks; delivered one at a time on the executor for code of the user's. A listener that does not come back is left alone,
 * and passed over until it does.
 */
final class EventQueue {

    /** So many at most are delivered before their places are free again: to give each back would slow down who offers. */
    private static final int BATCH = 32;

    /** How often it is looked whether a call has come back: one that lasts this long may be given up on. */
    static final long LISTEN_WITHIN = 5_000_000_000L;

    private record Entry(TreeEvent event, @Nullable Consumer<TreeEvent> listener) {}

    private final int capacity;
    private final Executor executor;
    private final TimeSource time;
    private final TreeLog log;
    private final @Nullable Consumer<TreeEvent> rootListener;
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final List<Consumer<TreeEvent>> observers = new CopyOnWriteArrayList<>();
    private final List<Consumer<TreeEvent>> hung = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    EventQueue(
            int capacity, Executor executor, TimeSource time, TreeLog log, @Nullable Consumer<TreeEvent> rootListener) {
        this.capacity = capacity;
        this.executor = executor;
        this.time = time;
        this.log = log;
        this.rootListener = rootListener;
    }

    long dropped() {
        return dropped.sum();
    }

    /** Tells one more of everything from now on. */
    void observe(Consumer<TreeEvent> observer) {
        observers.add(observer);
    }

    void offer(TreeEvent event, @Nullable Consumer<TreeEvent> listener) {
        if (!isOfInterest(event, listener)) {
            return;
        }
        int before;
        do {
            before = waiting.get();
            if (before >= capacity) {
                dropped.increment();
                return;
            }
        } while (!waiting.compareAndSet(before, before + 1));
        entries.add(new Entry(event, listener));
        if (before == 0) {
            execute(new Delivery(null, 0));
        }
    }

    /** Any event reminds the log of what it owes; where others are on their way already, they do. */
    private boolean isOfInterest(TreeEvent event, @Nullable Consumer<TreeEvent> listener) {
        return listener != null || !observers.isEmpty() || log.writes(event) || log.owes() && waiting.get() == 0;
    }

    private void execute(Delivery delivery) {
        try {
            executor.execute(delivery);
        } catch (Throwable refused) {
            log.executorRefused(refused);
            Threads.sharedExecutor().execute(delivery);
        }
    }

    /** Counted before it was added, so it may still be on its way for an instant. */
    private Entry take() {
        Entry entry = entries.poll();
        while (entry == null) {
            Thread.onSpinWait();
            entry = entries.poll();
        }
        return entry;
    }

    private boolean isHung(Consumer<TreeEvent> listener) {
        if (!hung.isEmpty()) {
            for (Consumer<TreeEvent> each : hung) {
                if (each == listener) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Delivers what there is, on one thread. The loop belongs to that thread until a call of a listener's lasts too long;
     * then another delivery goes on after that listener, and this one ends when the call does.
     */
    private final class Delivery implements Runnable {

        private static final int GIVEN_UP = -1;

        /** Grows at the begin and at the end of each call, so it is odd during one; or the loop is no longer its own. */
        private final AtomicInteger calls = new AtomicInteger();

        private @Nullable Entry entry;

        /** How many were delivered whose places are not free yet. */
        private int done;

        /** Whom to tell next: 0 is the entry's own listener, the others follow. */
        private int next;

        /** Guarded by this. */
        private boolean over;

        /** Guarded by this. */
        private TimeSource.@Nullable Timer watch;

        private boolean watched;

        Delivery(@Nullable Entry entry, int next) {
            this.entry = entry;
            this.next = next;
        }

        @Override
        public void run() {
            int batch = Math.min(waiting.get(), BATCH);
            boolean mine = true;
            while (mine && batch > 0) {
                Entry now = entry;
                if (now == null) {
                    now = take();
                    entry = now;
                    next = 0;
                    tell(now.event, log::accept);
                }
                mine = tellListeners(now);
                if (mine) {
                    entry = null;
                    done++;
                }
                if (mine && done == batch) {
                    batch = Math.min(waiting.addAndGet(-done), BATCH);
                    done = 0;
                }
            }
            unwatch();
        }

        /** Returns whether the loop is still its own. */
        private boolean tellListeners(Entry now) {
            while (next <= observers.size()) {
                Consumer<TreeEvent> listener = next == 0 ? now.listener : observers.get(next - 1);
                if (listener != null && isHung(listener)) {
                    dropped.increment();
                } else if (listener != null && !call(now.event, listener)) {
                    return false;
                }
                next++;
            }
            return true;
        }

        private boolean call(TreeEvent event, Consumer<TreeEvent> listener) {
            int mine = calls.incrementAndGet();
            if (!watched) {
                watched = true;
                watch(mine);
            }
            tell(event, listener);
            if (calls.compareAndSet(mine, mine + 1)) {
                return true;
            }
            isBack(listener);
            return false;
        }

        /** Under the lock, so that it comes after being passed over. */
        private synchronized void isBack(Consumer<TreeEvent> listener) {
            hung.removeIf(each -> each == listener);
        }

        private void tell(TreeEvent event, Consumer<TreeEvent> listener) {
            try {
                listener.accept(event);
            } catch (Throwable thrown) {
                // Told to the log alone: the listener it would be told to is the one that fails.
                log.listenerFailed(event, thrown);
            }
        }

        // ---- the watch: one timer for many calls, so that a call itself costs next to nothing

        private synchronized void watch(int seen) {
            if (!over) {
                watch = time.schedule(time.nanoTime() + LISTEN_WITHIN, () -> look(seen));
            }
        }

        private synchronized void unwatch() {
            over = true;
            if (watch != null) {
                watch.cancel();
            }
        }

        private synchronized void look(int seen) {
            int current = calls.get();
            boolean sameCall = current == seen && (current & 1) == 1;
            if (!sameCall) {
                watch(current);
            } else if (calls.compareAndSet(seen, GIVEN_UP)) {
                passOver();
            }
        }

        /** The loop's thread is in a call and sees that it lost the loop when that ends; so its fields stand still. */
        private void passOver() {
            Entry stuck = entry;
            if (stuck == null) {
                throw new IllegalStateException("a listener hangs that was told of nothing");
            }
            Consumer<TreeEvent> listener = next == 0 ? stuck.listener : observers.get(next - 1);
            if (listener != null) {
                hung.add(listener);
            }
            // Beyond the capacity, for once: the queue may well be full by now.
            waiting.addAndGet(1 - done);
            entries.add(new Entry(new TreeEvent.HookFailed("", "listener", null), rootListener));
            execute(new Delivery(stuck, next + 1));
        }
    }
}
