package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.ChildFailure;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.SupervisorSpec;
import io.grip.supervisor.tree.TreeEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The numbers of one tree as meters, all there before its first start. The declared children have a series each; those made
 * at run time share one per supervisor, so that there are never more series than the spec allows for.
 *
 * <p>Gauges are read by any thread; counters are told by the thread that delivers the tree's events.
 */
final class TreeMeters {

    /** What a child is called that no spec declares. */
    static final String MADE_AT_RUN_TIME = "*";

    private final SupervisionTree tree;
    private final MeterRegistry registry;
    private final TreeReadings readings;
    private final Map<String, ChildCounters> counters = new ConcurrentHashMap<>();

    TreeMeters(SupervisionTree tree, MeterRegistry registry, TimeSource time) {
        this.tree = tree;
        this.registry = registry;
        this.readings = new TreeReadings(tree, time);
    }

    void register() {
        for (String series : seriesOf(tree.spec(), "")) {
            counters.put(series, registerChild(series));
        }
        FunctionCounter.builder("grip.supervisor.tree.events.dropped", tree, SupervisionTree::droppedEvents)
                .description("Events of the tree that listeners and counters were too slow for")
                .tags("tree", tree.name())
                .register(registry);
        tree.listen(this::count);
    }

    private static List<String> seriesOf(SupervisorSpec supervisor, String path) {
        List<String> series = new ArrayList<>();
        series.add(path);
        supervisor.children().forEach(child -> {
            String below = path.isEmpty() ? child.name() : path + "/" + child.name();
            if (child instanceof SupervisorSpec nested) {
                series.addAll(seriesOf(nested, below));
            } else {
                series.add(below);
            }
        });
        if (supervisor.strategy() == RestartStrategy.TEMPLATE) {
            series.add(path.isEmpty() ? MADE_AT_RUN_TIME : path + "/" + MADE_AT_RUN_TIME);
        }
        return series;
    }

    private ChildCounters registerChild(String series) {
        readings.declare(series);
        Tags tags = Tags.of("tree", tree.name(), "child", series.isEmpty() ? "/" : series);
        for (ChildState state : ChildState.values()) {
            gauge(
                    "grip.supervisor.child.state",
                    "Whether a child is in a state; of those made at run time, how many are",
                    tags.and("state", lowerCase(state)),
                    () -> readings.of(series).inState(state));
        }
        gauge(
                "grip.supervisor.child.abandoned",
                "Threads of a child that did not end when they were stopped",
                tags,
                () -> readings.of(series).abandoned());
        Gauge.builder("grip.supervisor.child.down", () -> readings.of(series).downSeconds())
                .description("Time since a child was last up; of several, the longest")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
        return new ChildCounters(registry, tags);
    }

    private void gauge(String name, String description, Tags tags, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tags(tags).register(registry);
    }

    private void count(TreeEvent event) {
        ChildCounters counted = counters.get(readings.seriesOf(event.path()));
        if (counted == null) {
            return;
        }
        if (event instanceof TreeEvent.Restarted) {
            counted.restarts.increment();
        } else if (event instanceof TreeEvent.Failed failed) {
            counted.failed(failed.kind());
        } else if (event instanceof TreeEvent.GaveUp) {
            counted.giveUps.increment();
        }
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What one child does, or those made at run time do, counted. */
    private static final class ChildCounters {

        final Counter restarts;
        final Counter giveUps;
        private final Map<ChildFailure, Counter> failures = new EnumMap<>(ChildFailure.class);

        ChildCounters(MeterRegistry registry, Tags tags) {
            restarts = counter(registry, "restarts", "Restarts that the tree made by itself, up again", tags);
            giveUps = counter(registry, "giveups", "Failures that were final", tags);
            for (ChildFailure kind : ChildFailure.values()) {
                failures.put(kind, counter(registry, "failures", "Failures", tags.and("reason", lowerCase(kind))));
            }
        }

        void failed(ChildFailure kind) {
            Objects.requireNonNull(failures.get(kind)).increment();
        }

        private static Counter counter(MeterRegistry registry, String name, String description, Tags tags) {
            return Counter.builder("grip.supervisor.child." + name)
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }
    }
}
