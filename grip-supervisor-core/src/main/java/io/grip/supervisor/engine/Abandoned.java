package io.grip.supervisor.engine;

import io.grip.supervisor.execution.AbandonedThread;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The threads that their callers have left behind, and that live on. Safe for use by any thread. */
final class Abandoned {

    /** How long a thread may live on after its interrupt before it counts as abandoned: 1 s. */
    private static final long PATIENCE = 1_000_000_000L;

    private record Entry(Thread thread, long since) {}

    private final TimeSource time;
    private final Map<PermitShare, Entry> entries = new ConcurrentHashMap<>();

    Abandoned(TimeSource time) {
        this.time = time;
    }

    /** A thread was left behind and interrupted; if it lives on for too long, it is listed. */
    void watch(PermitShare permit, Thread thread) {
        long since = time.nanoTime();
        time.schedule(since + PATIENCE, () -> list(permit, new Entry(thread, since)));
    }

    private void list(PermitShare permit, Entry entry) {
        entries.put(permit, entry);
        // Looked at after it was listed: the thread takes itself off the list after it has said that it is over.
        if (permit.isThreadOver()) {
            entries.remove(permit);
        }
    }

    /** The thread is over with its task. */
    void ended(PermitShare permit) {
        permit.threadIsOver();
        entries.remove(permit);
    }

    int count() {
        return entries.size();
    }

    List<AbandonedThread> list() {
        long now = time.nanoTime();
        return entries.values().stream()
                .map(entry -> new AbandonedThread(
                        entry.thread().getName(),
                        Duration.ofNanos(now - entry.since()),
                        List.of(entry.thread().getStackTrace())))
                .toList();
    }
}
