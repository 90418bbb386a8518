package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeLimits;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** Has the numbers of the trees of an application context recorded on meters. */
public final class TreeMetrics implements SmartInitializingSingleton {

    private final Supplier<MeterRegistry> registry;
    private final Supplier<List<SupervisionTree>> trees;
    private final Supplier<TreeLimits> limits;

    /**
     * Asks for everything when all beans have been made and nothing has been started.
     *
     * @param registries where the meters go: to the only or the primary one, else to all of them
     */
    public TreeMetrics(
            ObjectProvider<MeterRegistry> registries,
            Supplier<List<SupervisionTree>> trees,
            Supplier<TreeLimits> limits) {
        this.registry = () -> SupervisorMetrics.target(registries);
        this.trees = trees;
        this.limits = limits;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<SupervisionTree> all = trees.get();
        if (all.isEmpty()) {
            return;
        }
        MeterRegistry target = registry.get();
        all.forEach(tree -> new TreeMeters(tree, target, TimeSource.system()).register());
        TreeLimits shared = limits.get();
        gauge(target, "grip.supervisor.tree.restarts.waiting", "Restarts that wait for their turn", shared::waiting);
        gauge(target, "grip.supervisor.tree.restarts.underway", "Restarts that are under way", shared::underWay);
        gauge(target, "grip.supervisor.tree.abandoned", "Threads that did not end when stopped", shared::abandoned);
    }

    private static void gauge(MeterRegistry target, String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(target);
    }
}
