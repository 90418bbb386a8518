package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisionTreeCustomizer;
import io.grip.supervisor.spring.autoconfigure.ConfiguredTrees.Entry;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Root;
import io.grip.supervisor.spring.lifecycle.RootActions;
import io.grip.supervisor.spring.lifecycle.TreeLifecycle;
import io.grip.supervisor.spring.worker.WorkerBean;
import io.grip.supervisor.spring.worker.WorkerBeans;
import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.util.function.SingletonSupplier;

/** Builds the trees of the properties, and the lifecycle of every tree. Called while beans are made. */
final class SupervisionTrees {

    private static final Duration SPRING_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BOOT_TIMEOUT = Duration.ofSeconds(30);
    private static final int OUT_OF_SERVICE_AFTER = 3;

    private final GripSupervisorProperties properties;
    private final ConfiguredTrees trees;
    private final ConfigurableApplicationContext context;
    private final Supplier<TreeLimits> limits;
    private final RootActions rootActions;
    private final Supplier<List<SupervisionTreeCustomizer>> customizers;
    private final SingletonSupplier<Map<String, WorkerBean>> workers;

    SupervisionTrees(
            GripSupervisorProperties properties,
            ConfigurableApplicationContext context,
            Supplier<TreeLimits> limits,
            RootActions rootActions,
            Supplier<List<SupervisionTreeCustomizer>> customizers) {
        TreeKeys.requireKnown(context.getEnvironment());
        this.properties = properties;
        this.trees = new ConfiguredTrees(properties);
        this.context = context;
        this.limits = limits;
        this.rootActions = rootActions;
        this.customizers = customizers;
        this.workers = SingletonSupplier.of(() -> new WorkerBeans(context.getBeanFactory()).byName());
    }

    SupervisionTree build(String name) {
        Entry entry = trees.get(name);
        SupervisionTree.Builder builder = SupervisionTree.builder(name).limits(limits.get());
        TreeFactory factory = new TreeFactory(
                name, entry.keys(), entry.values(), workers.obtain(), context.getEnvironment(), properties.checks());
        factory.configure(builder, trees.unplaced(name, workers.obtain()));
        factory.rootAction(builder, choice(entry.values().rootAction()), rootActions);
        outOfServiceAfter(name);
        customizers.get().forEach(customizer -> customizer.customize(name, builder));
        return factory.build(builder);
    }

    private static RootActions.Choice choice(Root values) {
        RootActions.Choice base = RootActions.Choice.DEFAULT;
        return new RootActions.Choice(
                values.type() != null ? values.type() : base.type(),
                values.exitCode() != null ? values.exitCode() : base.exitCode(),
                values.deadline() != null ? values.deadline() : base.deadline(),
                values.halt() != null ? values.halt() : base.halt());
    }

    /** From how many failures in a row on a child of this tree shows as out of service. */
    int outOfServiceAfter(String name) {
        Entry entry = trees.get(name);
        Integer after = entry.values().outOfServiceAfter();
        if (after != null && after < 1) {
            throw new SupervisionConfigurationException(
                    "Tree '" + name + "': out-of-service-after must be at least 1, but is " + after + ".",
                    PolicySources.of(context.getEnvironment(), "Tree", name, entry.keys())
                            .describe(List.of("out-of-service-after")),
                    "Set a value within the range.");
        }
        return after == null ? OUT_OF_SERVICE_AFTER : after;
    }

    /**
     * The lifecycle of a tree.
     *
     * @param ours whether the library has built it
     * @param treeBean the name of its bean
     * @param lifecycleBean the name of the lifecycle's
     */
    TreeLifecycle lifecycle(boolean ours, String treeBean, String lifecycleBean) {
        SupervisionTree tree = context.getBeanFactory().getBean(treeBean, SupervisionTree.class);
        TreePhase phase = ours ? trees.get(tree.name()).values().phase() : null;
        return new TreeLifecycle(
                tree,
                new TreeLifecycle.Fit(
                        (phase == null ? TreePhase.INTAKE : phase).value(),
                        phaseTimeout(),
                        properties.enabled(),
                        properties.checks() != StartupChecks.OFF),
                context,
                ours ? () -> prepare(tree, treeBean, lifecycleBean) : () -> {},
                ours ? rootActions : null,
                TimeSource.system());
    }

    private void prepare(SupervisionTree tree, String treeBean, String lifecycleBean) {
        WorkersOf.spec(tree.spec()).forEach(worker -> {
            worker.prepare(treeBean);
            worker.prepare(lifecycleBean);
        });
    }

    private Duration phaseTimeout() {
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        boolean isBoots = beans.containsBeanDefinition(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME);
        return Binder.get(context.getEnvironment())
                .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
                .orElse(isBoots ? BOOT_TIMEOUT : SPRING_TIMEOUT);
    }
}
