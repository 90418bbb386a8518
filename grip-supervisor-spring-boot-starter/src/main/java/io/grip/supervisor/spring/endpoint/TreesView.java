package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.tree.AbandonedIncarnation;
import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.RestartRules;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.Spec;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.SupervisorSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows a tree, or a child of it and all below, as it is at this moment. Stateless. */
final class TreesView {

    private final String tree;
    private final boolean stacks;

    private TreesView(String tree, boolean stacks) {
        this.tree = tree;
        this.stacks = stacks;
    }

    static Answers.Child whole(SupervisionTree tree, boolean stacks) {
        return new TreesView(tree.name(), stacks).show(tree.snapshot(), Optional.of(tree.spec()));
    }

    /**
     * A child.
     *
     * @param path below the root
     * @throws io.grip.supervisor.tree.ChildOperationException if there is none
     */
    static Answers.Child child(SupervisionTree tree, String path, boolean stacks) {
        Optional<Spec> spec = Optional.of(tree.spec());
        for (String name : path.split("/")) {
            spec = below(spec, name);
        }
        return new TreesView(tree.name(), stacks).show(tree.snapshot(path), spec);
    }

    private Answers.Child show(ChildSnapshot child, Optional<? extends Spec> spec) {
        return new Answers.Child(
                child.path().isEmpty() ? tree : tree + "/" + child.path(),
                child.name(),
                kindOf(child),
                child.state().name(),
                child.strategy().map(Enum::name).orElse(null),
                child.generation(),
                Math.max(0, child.starts() - 1),
                child.failures(),
                budgetLeft(child, spec),
                child.nextStart().map(CallsView::seconds).orElse(null),
                child.state() == ChildState.RUNNING ? CallsView.seconds(child.up()) : null,
                child.recovering(),
                lastFailure(child),
                child.abandoned().stream().map(this::left).toList(),
                child.children().stream()
                        .map(below -> show(below, below(spec, below.name())))
                        .toList());
    }

    private static String kindOf(ChildSnapshot child) {
        if (child.strategy().isEmpty()) {
            return "WORKER";
        }
        return child.strategy().get() == RestartStrategy.TEMPLATE ? "TEMPLATE" : "SUPERVISOR";
    }

    /** Children of a template all have its spec; of one added since the tree was built nothing is known. */
    private static Optional<Spec> below(Optional<? extends Spec> spec, String name) {
        if (spec.isEmpty() || !(spec.get() instanceof SupervisorSpec supervisor)) {
            return Optional.empty();
        }
        return supervisor.template().isPresent()
                ? supervisor.template().map(Spec.class::cast)
                : supervisor.children().stream()
                        .filter(child -> child.name().equals(name))
                        .findFirst();
    }

    private static @Nullable Integer budgetLeft(ChildSnapshot child, Optional<? extends Spec> spec) {
        if (spec.isEmpty() || child.path().isEmpty()) {
            return null;
        }
        RestartRules rules =
                spec.get() instanceof ChildSpec worker ? worker.restart() : ((SupervisorSpec) spec.get()).restart();
        int failures = rules.consecutiveFailures();
        return failures == RestartRules.UNLIMITED ? null : Integer.valueOf(Math.max(0, failures - child.failures()));
    }

    private static Answers.@Nullable ChildFailure lastFailure(ChildSnapshot child) {
        Throwable cause = child.lastCause().orElse(null);
        return child.lastFailure()
                .map(kind -> new Answers.ChildFailure(
                        kind.name(),
                        cause == null ? null : cause.getClass().getName(),
                        LastFailures.shortened(LastFailures.messageOf(cause))))
                .orElse(null);
    }

    private Answers.LeftThread left(AbandonedIncarnation incarnation) {
        List<String> stack = stacks ? CallsView.lines(incarnation.stack()) : null;
        return new Answers.LeftThread(
                incarnation.path() + " #" + incarnation.generation(), CallsView.seconds(incarnation.age()), stack);
    }
}
