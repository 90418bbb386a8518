package io.grip.supervisor.tree;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to listeners: bounded, never blocking; what does not fit is dropped and counted. Offered by the
 * owner and by guards of hooks; delivered one at a time on the executor for code of the user's.
 */
final class EventQueue {

    private record Entry(TreeEvent event, @Nullable Consumer<TreeEvent> listener) {}

    private final int capacity;
    private final Executor executor;
    private final TreeLog log;
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final List<Consumer<TreeEvent>> observers = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();

    EventQueue(int capacity, Executor executor, TreeLog log) {
        this.capacity = capacity;
        this.executor = executor;
        this.log = log;
    }

    long dropped() {
        return dropped.get();
    }

    /** Tells one more of everything from now on. */
    void observe(Consumer<TreeEvent> observer) {
        observers.add(observer);
    }

    void offer(TreeEvent event, @Nullable Consumer<TreeEvent> listener) {
        int before;
        do {
            before = waiting.get();
            if (before >= capacity) {
                dropped.incrementAndGet();
                return;
            }
        } while (!waiting.compareAndSet(before, before + 1));
        entries.add(new Entry(event, listener));
        if (before == 0) {
            schedule();
        }
    }

    private void schedule() {
        try {
            executor.execute(this::deliver);
        } catch (Throwable refused) {
            // Without an executor nobody can be told; that the queue fills up is what is left to see of it.
            log.executorRefused(refused);
        }
    }

    private void deliver() {
        do {
            // Counted before it was added, so it may still be on its way for an instant.
            Entry entry = entries.poll();
            while (entry == null) {
                Thread.onSpinWait();
                entry = entries.poll();
            }
            deliver(entry);
        } while (waiting.decrementAndGet() > 0);
    }

    private void deliver(Entry entry) {
        tell(entry.event, log::accept);
        if (entry.listener != null) {
            tell(entry.event, entry.listener);
        }
        for (Consumer<TreeEvent> observer : observers) {
            tell(entry.event, observer);
        }
    }

    private void tell(TreeEvent event, Consumer<TreeEvent> listener) {
        try {
            listener.accept(event);
        } catch (Throwable thrown) {
            // Told to the log alone: the listener it would be told to is the one that fails.
            log.listenerFailed(event, thrown);
        }
    }
}
