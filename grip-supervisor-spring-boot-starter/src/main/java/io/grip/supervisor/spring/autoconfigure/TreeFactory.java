package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.TreeShare;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Child;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Intensity;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Restart;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Rules;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Start;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Stop;
import io.grip.supervisor.spring.autoconfigure.TreeProperties.Tree;
import io.grip.supervisor.spring.lifecycle.RootActions;
import io.grip.supervisor.spring.worker.WorkerBean;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.FirstStart;
import io.grip.supervisor.tree.RestartRules;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.Spec;
import io.grip.supervisor.tree.StartRules;
import io.grip.supervisor.tree.StopRules;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.SupervisorSpec;
import io.grip.supervisor.tree.TreeLimits;
import io.grip.supervisor.tree.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * The one place where properties become a tree: the core's defaults, with each value that is set put in its place. The
 * ranges are the core's own; what it refuses is reported with where it was written.
 */
final class TreeFactory {

    private final String tree;
    private final List<String> keys;
    private final Tree values;
    private final Map<String, WorkerBean> workers;
    private final Environment environment;
    private final StartupChecks checks;

    /**
     * For one tree.
     *
     * @param keys under which the tree is written, in all spellings
     * @param workers those there are, by name
     */
    TreeFactory(
            String tree,
            List<String> keys,
            Tree values,
            Map<String, WorkerBean> workers,
            Environment environment,
            StartupChecks checks) {
        this.tree = tree;
        this.keys = keys;
        this.values = values;
        this.workers = workers;
        this.environment = environment;
        this.checks = checks;
    }

    /**
     * Sets what the properties say.
     *
     * @param unplaced workers that have no place in any tree and get one here, after all others
     */
    void configure(SupervisionTree.Builder builder, List<WorkerBean> unplaced) {
        Reader reader = reader("Tree", tree, keys);
        RestartStrategy strategy = values.strategy() == null ? RestartStrategy.ONE_FOR_ONE : values.strategy();
        if (strategy == RestartStrategy.TEMPLATE) {
            if (!unplaced.isEmpty()) {
                throw reader.problem(
                        "strategy is template, so it has no children of its own, but " + unplaced.size()
                                + " worker(s) without a place belong here: "
                                + String.join(
                                        ", ",
                                        unplaced.stream().map(WorkerBean::name).toList()) + ".",
                        List.of("strategy"),
                        "Give them a place in another tree, or make this one's template a child of it.");
            }
            reader.requireNoChildren(values.children());
            builder.template(template(reader, values.template()), maxChildren(reader, values.maxChildren()));
        } else {
            reader.requireNoTemplate(values.template(), values.maxChildren());
            builder.strategy(strategy);
            children(values.children(), keys).forEach(child -> add(builder, child));
            unplaced.forEach(worker -> builder.child(
                    worker(reader("Worker", worker.name(), List.of()), Child.ofWorker(worker.name()), worker)));
        }
        intensity(reader, values.intensity()).ifPresent(builder::intensity);
    }

    /** Sets what is done when the root gives up. */
    void rootAction(SupervisionTree.Builder builder, RootActions.Choice choice, RootActions actions) {
        builder.rootAction(reader("Tree", tree, keys).values.checked(() -> actions.of(choice), "root-action.deadline"));
    }

    /**
     * The tree as it is now described.
     *
     * @throws SupervisionConfigurationException if a limit in it can never be reached
     */
    SupervisionTree build(SupervisionTree.Builder builder) {
        try {
            return builder.build();
        } catch (IllegalArgumentException refused) {
            throw new SupervisionConfigurationException(
                    "Tree '" + tree + "': " + refused.getMessage() + ".",
                    "below " + String.join("\nor ", keys),
                    "Correct the values.");
        }
    }

    /** The limits that all trees share. */
    static TreeLimits limits(TreeShare values, Environment environment, StartupChecks checks) {
        String key = GripSupervisorProperties.PREFIX + ".tree-limits";
        PolicyFactory reader =
                new PolicyFactory(PolicySources.of(environment, "Limits of", "all trees", List.of(key)), checks);
        return reader.checked(
                () -> TreeLimits.of(
                        count(values.restartsPerSecond(), 50),
                        or(values.burst(), 100),
                        count(values.atOnce(), 16),
                        count(values.maxAbandoned(), 8)),
                "restarts-per-second",
                "burst",
                "at-once",
                "max-abandoned");
    }

    private static int count(@Nullable CountLimit limit, int byDefault) {
        return limit == null ? byDefault : limit.value().orElse(TreeLimits.UNLIMITED);
    }

    private static void add(SupervisionTree.Builder builder, Spec child) {
        if (child instanceof ChildSpec worker) {
            builder.child(worker);
        } else {
            builder.supervisor((SupervisorSpec) child);
        }
    }

    private List<Spec> children(@Nullable List<Child> children, List<String> parents) {
        List<Spec> specs = new ArrayList<>();
        for (int i = 0; children != null && i < children.size(); i++) {
            int index = i;
            List<String> at = parents.stream()
                    .map(parent -> parent + ".children[" + index + "]")
                    .toList();
            specs.add(child(children.get(i), at));
        }
        return specs;
    }

    private Spec child(Child child, List<String> at) {
        String name = child.name() != null ? child.name() : child.worker();
        Reader reader = reader("Child", name == null ? "" : name, at);
        if (child.worker() == null) {
            return supervisor(reader, child, at);
        }
        if (child.strategy() != null || child.children() != null || child.template() != null) {
            throw reader.problem(
                    "it has a worker and is a supervisor of children too.",
                    List.of("worker", "strategy", "children", "template"),
                    "Make the worker one of the children.");
        }
        WorkerBean worker = workers.get(child.worker());
        if (worker == null) {
            throw unknownWorker(reader, child.worker());
        }
        return worker(reader, child, worker);
    }

    private SupervisionConfigurationException unknownWorker(Reader reader, String name) {
        String nearest = Nearest.to(name, workers.keySet())
                .map(candidate -> "the nearest known one is '" + candidate + "'")
                .orElse("no bean is a Worker and no method is a @SupervisedWorker");
        return new SupervisionConfigurationException(
                "There is no worker '" + name + "'; " + nearest + ".",
                reader.describe(List.of("worker")) + "\nKnown workers: "
                        + (workers.isEmpty() ? "none" : String.join(", ", workers.keySet())),
                "Correct the name, or declare such a worker.");
    }

    private SupervisorSpec supervisor(Reader reader, Child child, List<String> at) {
        String name = child.name();
        if (name == null) {
            throw reader.problem(
                    "a child is neither a worker nor a supervisor with a name.",
                    List.of("worker", "name"),
                    "Name the worker, or name the supervisor and give it children.");
        }
        RestartStrategy strategy = child.strategy() == null ? RestartStrategy.ONE_FOR_ONE : child.strategy();
        reader.requireNoWorkerRules(child);
        RestartRules restart = restart(reader, child.restart());
        SupervisorSpec spec;
        if (strategy == RestartStrategy.TEMPLATE) {
            reader.requireNoChildren(child.children());
            ChildSpec template = template(reader, child.template());
            spec = reader.values
                    .checked(() -> SupervisorSpec.template(name, template), "name")
                    .withMaxChildren(maxChildren(reader, child.maxChildren()));
        } else {
            reader.requireNoTemplate(child.template(), child.maxChildren());
            if (child.children() == null) {
                throw reader.problem(
                        "it has neither a worker nor children.",
                        List.of("worker", "children"),
                        "Name the worker it runs, or give it children.");
            }
            List<Spec> children = children(child.children(), at);
            spec = reader.values.checked(
                    () -> SupervisorSpec.of(name, strategy).withChildren(children), "name", "children");
        }
        SupervisorSpec built = spec.withRestart(restart);
        return intensity(reader, child.intensity())
                .map(limit -> reader.values.checked(() -> built.withIntensity(limit), "intensity.max-restarts"))
                .orElse(built);
    }

    private ChildSpec worker(Reader reader, Child child, WorkerBean worker) {
        String name = child.name() != null ? child.name() : worker.name();
        ChildSpec named = reader.values.checked(() -> ChildSpec.of(name, worker), "name");
        return ruled(reader, named, child.rules().inheriting(declared(worker)));
    }

    /** The code of its children comes with each of them. */
    private ChildSpec template(Reader reader, @Nullable Rules rules) {
        Worker none = context -> {
            throw new IllegalStateException("a template is not run itself");
        };
        return ruled(reader.below("template"), ChildSpec.of("template", none), rules == null ? Rules.NOTHING : rules);
    }

    private static Rules declared(WorkerBean worker) {
        WorkerBean.Declared declared = worker.declared();
        Rules nothing = Rules.NOTHING;
        Restart restart = nothing.restart();
        return new Rules(
                new Restart(declared.restart().orElse(null), null, null, restart.backoff(), null, null, null),
                new Start(
                        declared.optional() ? FirstStart.RETRY : null,
                        declared.awaitReady() ? Boolean.TRUE : null,
                        null,
                        null),
                nothing.stop(),
                declared.heartbeat()
                        .map(span -> new DurationLimit(Optional.of(span)))
                        .orElse(null));
    }

    // ---- rules

    private ChildSpec ruled(Reader reader, ChildSpec spec, Rules own) {
        Rules rules = own.inheriting(values.defaults());
        ChildSpec ruled = spec.withRestart(restartOf(reader, rules.restart()))
                .withStart(start(reader, rules.start()))
                .withStop(stop(reader, rules.stop()));
        Optional<Duration> heartbeat =
                rules.heartbeat() == null ? Optional.empty() : rules.heartbeat().value();
        return heartbeat
                .map(span -> reader.values.checked(() -> ruled.withHeartbeat(span), "heartbeat"))
                .orElse(ruled);
    }

    private RestartRules restart(Reader reader, Restart own) {
        Rules rules = new Rules(own, Rules.NOTHING.start(), Rules.NOTHING.stop(), null);
        return restartOf(reader, rules.inheriting(values.defaults()).restart());
    }

    private RestartRules restartOf(Reader reader, Restart values) {
        PolicyFactory read = reader.values;
        RestartRules rules = RestartRules.defaults();
        rules = read.with(rules, values.mode(), RestartRules::withPolicy, "restart.mode");
        rules = read.with(
                rules,
                values.consecutiveFailures(),
                (r, limit) -> r.withConsecutiveFailures(limit.value().orElse(RestartRules.UNLIMITED)),
                "restart.consecutive-failures");
        rules = read.with(rules, values.jitter(), RestartRules::withJitter, "restart.jitter");
        rules = rules.withBackoff(read.backoff("restart.backoff", values.backoff(), rules.backoff()));
        rules = read.with(rules, values.resetAfter(), RestartRules::withResetAfter, "restart.reset-after");
        rules = read.with(
                rules,
                values.reviveAfter(),
                (r, limit) -> limit.value().map(r::withReviveAfter).orElseGet(r::withoutRevival),
                "restart.revive-after");
        return read.with(rules, values.onGiveUp(), RestartRules::withOnGiveUp, "restart.on-give-up");
    }

    private static StartRules start(Reader reader, Start values) {
        StartRules base = StartRules.defaults();
        return reader.values.checked(
                () -> new StartRules(
                        or(values.timeout(), base.timeout()),
                        or(values.first(), base.first()),
                        or(values.awaitReady(), base.awaitReady()),
                        or(values.settle(), base.settle())),
                "start.timeout",
                "start.settle");
    }

    private static StopRules stop(Reader reader, Stop values) {
        StopRules base = StopRules.defaults();
        return reader.values.checked(
                () -> new StopRules(
                        or(values.grace(), base.grace()),
                        or(values.abandonAfter(), base.abandonAfter()),
                        base.onStop()),
                "stop.grace",
                "stop.abandon-after");
    }

    private static Optional<RestartIntensity> intensity(Reader reader, Intensity values) {
        Integer maxRestarts = values.maxRestarts();
        Duration period = values.period();
        if (maxRestarts == null && period == null) {
            return Optional.empty();
        }
        if (maxRestarts == null || period == null) {
            throw reader.problem(
                    "intensity needs both max-restarts and period.",
                    List.of("intensity.max-restarts", "intensity.period"),
                    "Set the other one too, or remove both.");
        }
        return Optional.of(reader.values.checked(
                () -> RestartIntensity.of(maxRestarts, period), "intensity.max-restarts", "intensity.period"));
    }

    private static int maxChildren(Reader reader, @Nullable CountLimit limit) {
        int count = limit == null ? Integer.MAX_VALUE : limit.value().orElse(Integer.MAX_VALUE);
        if (count < 1) {
            throw reader.problem(
                    "max-children must be at least 1, but is " + count + ".",
                    List.of("max-children"),
                    "Set a value within the range.");
        }
        return count;
    }

    private static <T> T or(@Nullable T own, T byDefault) {
        return own != null ? own : byDefault;
    }

    private Reader reader(String kind, String name, List<String> at) {
        return new Reader(kind, kind.equals("Tree") ? name : tree + "/" + name, at);
    }

    /** Reads the values of one tree, supervisor or worker, knowing where they stand. */
    private final class Reader {

        private final String kind;
        private final String name;
        private final List<String> at;
        private final PolicySources sources;
        final PolicyFactory values;

        Reader(String kind, String name, List<String> at) {
            this.kind = kind;
            this.name = name;
            this.at = at;
            List<String> roots = new ArrayList<>(at);
            keys.forEach(key -> roots.add(key + ".defaults"));
            this.sources = PolicySources.of(environment, kind, name, roots);
            this.values = new PolicyFactory(sources, checks);
        }

        Reader below(String group) {
            return new Reader(
                    kind, name, at.stream().map(root -> root + "." + group).toList());
        }

        SupervisionConfigurationException problem(String what, List<String> keysBelow, String action) {
            return values.problem(what, keysBelow, action);
        }

        String describe(List<String> keysBelow) {
            return sources.describe(keysBelow);
        }

        void requireNoChildren(@Nullable List<Child> children) {
            if (children != null && !children.isEmpty()) {
                throw problem(
                        "strategy is template, which takes no children: they are made at run time.",
                        List.of("strategy", "children[0].worker"),
                        "Remove the children, or choose another strategy.");
            }
        }

        void requireNoTemplate(@Nullable Rules template, @Nullable CountLimit maxChildren) {
            if (template != null || maxChildren != null) {
                throw problem(
                        "template and max-children are for the strategy template.",
                        List.of("strategy", "max-children"),
                        "Set strategy: template, or remove them.");
            }
        }

        void requireNoWorkerRules(Child child) {
            if (!child.start().equals(Rules.NOTHING.start())
                    || !child.stop().equals(Rules.NOTHING.stop())
                    || child.heartbeat() != null) {
                throw problem(
                        "start, stop and heartbeat are rules of a worker, and this is a supervisor.",
                        List.of("start", "stop", "heartbeat"),
                        "Write them at its children, or under the tree's defaults.");
            }
        }
    }
}
