package io.grip.supervisor.tree;

import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Events as log entries: the first three failures in a row of a child at INFO, from the fourth on at ERROR; like ones at
 * most once a second, with a count of those left out, which follows with the next event of any kind at the latest. Called
 * by one thread at a time, but for its two questions.
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
    private final Map<Key, Kind> kinds = new HashMap<>();

    /** Those of which some were left out, which has not been told yet. */
    private final Set<Kind> owing = new LinkedHashSet<>();

    /** When the first of these is due; a point in time to be compared by subtraction. */
    private long nextDue;

    /** Publishes to those who offer events whether there are any. */
    private volatile boolean owes;

    TreeLog(String tree, TimeSource time, Predicate<Level> wanted, BiConsumer<Level, String> out) {
        this.tree = tree;
        this.time = time;
        this.wanted = wanted;
        this.out = out;
    }

    static TreeLog toSystem(String tree, TimeSource time) {
        return new TreeLog(tree, time, LOG::isLoggable, LOG::log);
    }

    /** Whether there may be an entry on this event. */
    boolean writes(TreeEvent event) {
        return wanted.test(levelOf(event));
    }

    /** Whether the next event is wanted, whatever it is. */
    boolean owes() {
        return owes;
    }

    void accept(TreeEvent event) {
        Level level = levelOf(event);
        boolean written = wanted.test(level);
        if (!written && owing.isEmpty()) {
            return;
        }
        long now = time.nanoTime();
        if (!owing.isEmpty() && !Nanos.isBefore(now, nextDue)) {
            settleDebts(now);
        }
        if (written) {
            collapse(level, event, now);
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

    private void collapse(Level level, TreeEvent event, long now) {
        Key key = keyOf(level, event);
        Kind kind = kinds.get(key);
        if (kind == null) {
            if (kinds.size() >= MAX_KINDS) {
                kinds.clear();
            }
            kind = new Kind(level, now - ONCE_PER);
            kinds.put(key, kind);
        }
        long dueAt = kind.lastAt + ONCE_PER;
        if (Nanos.isBefore(now, dueAt)) {
            kind.leftOut++;
            kind.latest = event;
            if (kind.leftOut == 1) {
                owe(kind, dueAt);
            }
            return;
        }
        kind.lastAt = now;
        out.accept(level, "tree '" + tree + "': " + event.text());
    }

    private void owe(Kind kind, long dueAt) {
        nextDue = owing.isEmpty() || Nanos.isBefore(dueAt, nextDue) ? dueAt : nextDue;
        owing.add(kind);
        owes = true;
    }

    /** The latest of each kind that was left out a second ago or more, with the number of the others. */
    private void settleDebts(long now) {
        nextDue = now + ONCE_PER;
        for (Iterator<Kind> each = owing.iterator(); each.hasNext(); ) {
            Kind kind = each.next();
            TreeEvent latest = kind.latest;
            long dueAt = kind.lastAt + ONCE_PER;
            if (Nanos.isBefore(now, dueAt)) {
                nextDue = Nanos.earlier(nextDue, dueAt);
            } else if (latest != null) {
                each.remove();
                String more = kind.leftOut == 1 ? "" : " (and " + (kind.leftOut - 1) + " more like it before)";
                kind.leftOut = 0;
                kind.latest = null;
                kind.lastAt = now;
                out.accept(kind.level, "tree '" + tree + "': " + latest.text() + more);
            }
        }
        owes = !owing.isEmpty();
    }

    private static Key keyOf(Level level, TreeEvent event) {
        if (event instanceof TreeEvent.Failed failed) {
            Throwable cause = failed.cause().orElse(null);
            return new Key(
                    level, failed.kind(), cause == null ? "" : cause.getClass().getName());
        }
        return new Key(level, event.getClass(), event.path());
    }

    /**
     * What like events have in common.
     *
     * @param kind the kind of failure, or of event
     * @param about the name of the throwable's class, or the path
     */
    private record Key(Level level, Object kind, String about) {}

    /** One kind of entry: when it was last written, and what was not since. */
    private static final class Kind {
        final Level level;
        long lastAt;
        int leftOut;

        @Nullable
        TreeEvent latest;

        Kind(Level level, long lastAt) {
            this.level = level;
            this.lastAt = lastAt;
        }
    }
}
