package io.grip.supervisor.tree;

import io.grip.supervisor.time.TimeSource;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Events as log entries: the first three failures in a row of a child at INFO, from the fourth on at ERROR; like ones at
 * most once a second, with a count of those left out. Called by one thread at a time.
 */
final class TreeLog {

    static final System.Logger LOG = System.getLogger("io.grip.supervisor.tree");

    private static final int QUIET_FAILURES = 3;
    private static final long ONCE_PER = 1_000_000_000L;
    private static final int MAX_KINDS = 1_000;

    private final String tree;
    private final TimeSource time;
    private final Predicate<Level> wanted;
    private final BiConsumer<Level, String> out;
    private final Map<String, Kind> kinds = new HashMap<>();

    TreeLog(String tree, TimeSource time, Predicate<Level> wanted, BiConsumer<Level, String> out) {
        this.tree = tree;
        this.time = time;
        this.wanted = wanted;
        this.out = out;
    }

    static TreeLog toSystem(String tree, TimeSource time) {
        return new TreeLog(tree, time, LOG::isLoggable, LOG::log);
    }

    void accept(TreeEvent event) {
        Level level = levelOf(event);
        if (wanted.test(level)) {
            collapse(level, event);
        }
    }

    void listenerFailed(TreeEvent event, Throwable thrown) {
        LOG.log(
                Level.WARNING,
                "the listener of tree '" + tree + "' failed on "
                        + event.getClass().getSimpleName() + "; it is ignored",
                thrown);
    }

    void executorRefused(Throwable refused) {
        LOG.log(Level.WARNING, "the executor of tree '" + tree + "' refused to deliver events", refused);
    }

    static Level levelOf(TreeEvent event) {
        if (event instanceof TreeEvent.Failed failed) {
            return failed.attempt() <= QUIET_FAILURES ? Level.INFO : Level.ERROR;
        }
        if (event instanceof TreeEvent.GaveUp || event instanceof TreeEvent.SupervisorEscalated) {
            return Level.ERROR;
        }
        boolean odd = event instanceof TreeEvent.Abandoned
                || event instanceof TreeEvent.HookFailed
                || event instanceof TreeEvent.ConfigUnreachable
                || event instanceof TreeEvent.ChildrenDropped;
        return odd ? Level.WARNING : Level.DEBUG;
    }

    private void collapse(Level level, TreeEvent event) {
        long now = time.nanoTime();
        Kind kind = kinds.get(keyOf(level, event));
        if (kind == null) {
            if (kinds.size() >= MAX_KINDS) {
                kinds.clear();
            }
            kind = new Kind(now - ONCE_PER);
            kinds.put(keyOf(level, event), kind);
        }
        if (now - kind.lastAt < ONCE_PER) {
            kind.leftOut++;
            return;
        }
        String more = kind.leftOut == 0 ? "" : " (and " + kind.leftOut + " more like the one before)";
        kind.leftOut = 0;
        kind.lastAt = now;
        out.accept(level, "tree '" + tree + "': " + event.text() + more);
    }

    private static String keyOf(Level level, TreeEvent event) {
        String cause = event instanceof TreeEvent.Failed failed
                ? failed.kind()
                        + failed.cause()
                                .map(thrown -> thrown.getClass().getName())
                                .orElse("")
                : event.path();
        return level + event.getClass().getSimpleName() + cause;
    }

    /** One kind of entry: when it was last written, and how many were not since. */
    private static final class Kind {
        long lastAt;
        int leftOut;

        Kind(long lastAt) {
            this.lastAt = lastAt;
        }
    }
}
