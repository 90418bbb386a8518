package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A supervisor, its children in the order of their start, and the rules it is itself kept alive by as somebody's child.
 * Immutable.
 *
 * @param name unique among its siblings; not blank, without '/'
 * @param strategy who is restarted when a child fails
 * @param children in the order of their start; under TEMPLATE none
 * @param template under TEMPLATE the rules of all children; otherwise empty
 * @param maxChildren under TEMPLATE how many children there may be at once, those that wait for a restart included; 1 or
 *     more, default {@link Integer#MAX_VALUE}
 * @param intensity a second budget, against flapping: so many failures of all children together within a sliding
 *     window; one more and the supervisor escalates. Empty (the default): none
 * @param restart when the supervisor itself is restarted by its parent; the root has none
 * @param listener told of all events below; empty (the default): the parent's is
 */
public record SupervisorSpec(
        String name,
        RestartStrategy strategy,
        List<Spec> children,
        Optional<ChildSpec> template,
        int maxChildren,
        Optional<RestartIntensity> intensity,
        RestartRules restart,
        Optional<Consumer<TreeEvent>> listener)
        implements Spec {

    /** What a window of failures may hold at most: more is as good as no limit, and costs memory. */
    static final int MAX_INTENSITY = 100_000;

    /** What the clock can measure; more is no window. */
    private static final Duration MAX_PERIOD = Duration.ofNanos(Nanos.LONGEST);

    /**
     * Checks the values. That the intensity can be reached at all is checked when the tree is built.
     *
     * @throws IllegalArgumentException if a value is missing or out of range, or two children have one name
     */
    public SupervisorSpec {
        Checks.name("supervisor name", Checks.notNull("supervisor name", name));
        Checks.notNull("strategy", strategy);
        Checks.notNull("restart", restart);
        Checks.notNull("listener", listener);
        Checks.atLeast("max-children", maxChildren, 1);
        children = List.copyOf(Checks.notNull("children", children));
        Set<String> names = new HashSet<>();
        for (Spec child : children) {
            if (!names.add(child.name())) {
                throw new IllegalArgumentException(
                        "supervisor '" + name + "' has two children named '" + child.name() + "'; rename one");
            }
        }
        boolean isTemplate = strategy == RestartStrategy.TEMPLATE;
        if (isTemplate != Checks.notNull("template", template).isPresent() || isTemplate && !children.isEmpty()) {
            throw new IllegalArgumentException("supervisor '" + name + "' has strategy " + strategy
                    + (isTemplate ? ", which takes a template and no children" : ", which takes no template"));
        }
        Checks.notNull("intensity", intensity).ifPresent(limit -> {
            if (limit.maxRestarts() > MAX_INTENSITY) {
                throw new IllegalArgumentException("max-restarts must be at most " + MAX_INTENSITY + ", but is "
                        + limit.maxRestarts() + "; leave the intensity out for no limit");
            }
            if (limit.period().compareTo(MAX_PERIOD) > 0) {
                throw new IllegalArgumentException("period must be at most " + MAX_PERIOD.toDays() + " days, but is "
                        + limit.period() + "; for a limit without an end use consecutive-failures");
            }
        });
    }

    /** A supervisor without children yet, restarted always, by the defaults of {@link RestartRules}. */
    public static SupervisorSpec of(String name, RestartStrategy strategy) {
        return new SupervisorSpec(
                name,
                strategy,
                List.of(),
                Optional.empty(),
                Integer.MAX_VALUE,
                Optional.empty(),
                RestartRules.defaults(),
                Optional.empty());
    }

    /**
     * A supervisor of children that are made at run time, {@link SupervisionTree#spawn}.
     *
     * @param template the rules of all of them; each brings its own code
     */
    public static SupervisorSpec template(String name, ChildSpec template) {
        return new SupervisorSpec(
                name,
                RestartStrategy.TEMPLATE,
                List.of(),
                Optional.of(template),
                Integer.MAX_VALUE,
                Optional.empty(),
                RestartRules.defaults(),
                Optional.empty());
    }

    /** This spec with one more child, after the others. */
    public SupervisorSpec withChild(Spec child) {
        List<Spec> more = new ArrayList<>(children);
        more.add(Checks.notNull("child", child));
        return withChildren(more);
    }

    /** This spec with other children, in the order of their start. */
    public SupervisorSpec withChildren(List<? extends Spec> children) {
        return new SupervisorSpec(
                name, strategy, List.copyOf(children), template, maxChildren, intensity, restart, listener);
    }

    /** This spec with another greatest number of children made from its template, 1 or more. */
    public SupervisorSpec withMaxChildren(int maxChildren) {
        return new SupervisorSpec(name, strategy, children, template, maxChildren, intensity, restart, listener);
    }

    /** This spec with a limit to the failures of all its children within a sliding window. */
    public SupervisorSpec withIntensity(RestartIntensity intensity) {
        return new SupervisorSpec(
                name, strategy, children, template, maxChildren, Optional.of(intensity), restart, listener);
    }

    /** This spec with other rules by which its parent restarts it. */
    public SupervisorSpec withRestart(RestartRules restart) {
        return new SupervisorSpec(name, strategy, children, template, maxChildren, intensity, restart, listener);
    }

    /** This spec with another policy by which its parent restarts it. */
    public SupervisorSpec withRestart(RestartPolicy policy) {
        return withRestart(restart.withPolicy(policy));
    }

    /** This spec with a listener of its own: events from here down go to it and no longer to the parent's. */
    public SupervisorSpec withListener(Consumer<TreeEvent> listener) {
        return new SupervisorSpec(
                name, strategy, children, template, maxChildren, intensity, restart, Optional.of(listener));
    }
}
