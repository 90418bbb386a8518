package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import java.util.List;
import java.util.Optional;

/**
 * Whether the failures that an intensity counts can come quickly enough to exceed it at all: between two failures of a
 * child lies at least its smallest delay. Pure functions; where in doubt, yes.
 */
final class Reachability {

    private Reachability() {}

    /** What is wrong with the intensity of a supervisor, if it can never be exceeded. */
    static Optional<String> complaint(SupervisorSpec spec, List<Plan> children) {
        if (spec.intensity().isEmpty() || spec.strategy() == RestartStrategy.TEMPLATE || children.isEmpty()) {
            return Optional.empty();
        }
        RestartIntensity intensity = spec.intensity().get();
        long wanted = intensity.maxRestarts() + 1L;
        long period = Nanos.of(intensity.period());
        List<Plan> counted = children.stream()
                .filter(each -> each.spec.restart().policy() != RestartPolicy.NEVER)
                .toList();
        long possible = spec.strategy().restartsGroups()
                ? ofGroup(counted, spec.strategy(), period, wanted)
                : counted.stream()
                        .mapToLong(each -> ofOne(each, period, wanted))
                        .sum();
        return possible >= wanted
                ? Optional.empty()
                : Optional.of("the intensity of supervisor '" + spec.name() + "', max-restarts "
                        + intensity.maxRestarts() + " within period " + intensity.period()
                        + ", can never be exceeded: with the smallest delays of its children no more than " + possible
                        + " failures fit into the period. Lengthen the period, lower max-restarts, or shorten the"
                        + " backoff");
    }

    /** How many failures of one child fit into a period, counted up to the number wanted. */
    private static long ofOne(Plan child, long period, long wanted) {
        long afterReset = child.resetAfter + child.delays.smallest(1);
        int budget = child.spec.restart().consecutiveFailures();
        long failures = 1;
        for (long at = 0; failures < wanted; failures++) {
            long delay = child.delays.smallest((int) Math.min(failures, Integer.MAX_VALUE));
            at += failures <= budget ? Math.min(delay, afterReset) : afterReset;
            if (at >= period || at < 0) {
                break;
            }
        }
        return failures;
    }

    /** A group fails once a round, and a round takes the largest delay of those it restarts. */
    private static long ofGroup(List<Plan> children, RestartStrategy strategy, long period, long wanted) {
        if (children.isEmpty()) {
            return 0;
        }
        boolean all = strategy == RestartStrategy.ONE_FOR_ALL;
        List<Plan> smallestGroup = all ? children : children.subList(children.size() - 1, children.size());
        long round = smallestGroup.stream()
                .mapToLong(each -> each.delays.smallest(1))
                .max()
                .orElse(0);
        return round == 0 ? wanted : Math.min(wanted, 1 + (period - 1) / round);
    }
}
