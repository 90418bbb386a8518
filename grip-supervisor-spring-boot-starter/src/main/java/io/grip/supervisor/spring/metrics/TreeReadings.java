package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.SupervisionTree;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What gauges read off one tree, summed up by series. A scrape reads hundreds of gauges, so one snapshot serves all that are
 * read within a tenth of a second. Safe for use by any thread; the lock is held while a snapshot is summed up.
 */
final class TreeReadings {

    private static final long FRESH = Duration.ofMillis(100).toNanos();
    private static final double NANOS_PER_SECOND = 1e9;

    private final SupervisionTree tree;
    private final TimeSource time;
    private final Set<String> declared = new HashSet<>();
    private @Nullable Map<String, Sum> sums;
    private long takenAt;

    TreeReadings(SupervisionTree tree, TimeSource time) {
        this.tree = tree;
        this.time = time;
    }

    /** One more series; a path, or that of a supervisor and the sign for those made at run time. */
    synchronized void declare(String series) {
        declared.add(series);
    }

    /** The series that a child belongs to: its own, else that of what is made at run time nearest above it. */
    synchronized String seriesOf(String path) {
        if (declared.contains(path)) {
            return path;
        }
        for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            String shared = path.substring(0, slash + 1) + TreeMeters.MADE_AT_RUN_TIME;
            if (declared.contains(shared)) {
                return shared;
            }
        }
        return TreeMeters.MADE_AT_RUN_TIME;
    }

    synchronized Sum of(String series) {
        long now = time.nanoTime();
        Map<String, Sum> fresh = sums;
        if (fresh == null || now - takenAt >= FRESH) {
            fresh = new HashMap<>();
            for (ChildSnapshot child : (Iterable<ChildSnapshot>) tree.snapshot().all()::iterator) {
                fresh.computeIfAbsent(seriesOf(child.path()), any -> new Sum()).add(child);
            }
            sums = fresh;
            takenAt = now;
        }
        return fresh.getOrDefault(series, Sum.NONE);
    }

    /** Of all children of one series. */
    static final class Sum {

        private static final Sum NONE = new Sum();

        private final int[] states = new int[ChildState.values().length];
        private int abandoned;
        private long longestDown;

        private void add(ChildSnapshot child) {
            states[child.state().ordinal()]++;
            abandoned += child.abandoned().size();
            longestDown = Math.max(longestDown, child.down().toNanos());
        }

        int inState(ChildState state) {
            return states[state.ordinal()];
        }

        int abandoned() {
            return abandoned;
        }

        double downSeconds() {
            return longestDown / NANOS_PER_SECOND;
        }
    }
}
