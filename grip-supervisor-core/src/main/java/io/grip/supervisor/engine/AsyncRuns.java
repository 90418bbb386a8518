package io.grip.supervisor.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous runs of one engine that are not over. A list through the runs themselves, so that one of a million
 * costs two references. Guarded by its lock, under which nothing else is called; safe for use by any thread.
 */
final class AsyncRuns {

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable AsyncRun<?> first;

    void add(AsyncRun<?> run) {
        lock.lock();
        try {
            AsyncRun<?> second = first;
            run.next = second;
            if (second != null) {
                second.previous = run;
            }
            first = run;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a run out; once more does nothing. */
    void remove(AsyncRun<?> run) {
        lock.lock();
        try {
            AsyncRun<?> before = run.previous;
            AsyncRun<?> after = run.next;
            if (before == null && first != run) {
                return;
            }
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after != null) {
                after.previous = before;
            }
            run.previous = null;
            run.next = null;
        } finally {
            lock.unlock();
        }
    }

    /** Those that are not over at this moment. */
    List<AsyncRun<?>> list() {
        lock.lock();
        try {
            List<AsyncRun<?>> runs = new ArrayList<>();
            for (AsyncRun<?> run = first; run != null; run = run.next) {
                runs.add(run);
            }
            return runs;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all are over but those whose contexts are given. Stops at the first that is not, so that asking is cheap. */
    boolean areOverBut(Set<Object> contexts) {
        lock.lock();
        try {
            AsyncRun<?> run = first;
            while (run != null && (run.isOver() || contexts.contains(run))) {
                run = run.next;
            }
            return run == null;
        } finally {
            lock.unlock();
        }
    }
}
