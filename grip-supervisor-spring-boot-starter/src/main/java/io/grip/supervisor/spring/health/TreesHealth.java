package io.grip.supervisor.spring.health;

import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.RootFailure;
import io.grip.supervisor.tree.SupervisionTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * How the supervision trees are: that of the worst child. A child that is being restarted is up until it has failed some
 * times in a row, then out of service, as one is that is held; one that has failed for good, or has not yet recovered from
 * that, is down, and so is a tree whose root gave up. It looks at snapshots, so it never waits for what a tree does.
 * Called by any thread.
 */
public final class TreesHealth extends AbstractHealthIndicator {

    /** Children that are told of, per tree: the worst come first. */
    private static final int MOST = 50;

    private final Supplier<List<SupervisionTree>> trees;
    private final ToIntFunction<String> outOfServiceAfter;
    private final Function<String, Optional<RootFailure>> rootFailure;

    /**
     * Of some trees.
     *
     * @param trees asked each time
     * @param outOfServiceAfter for a tree's name, from how many failures in a row on a child is out of service
     * @param rootFailure for a tree's name, why its root gave up while it runs on
     */
    public TreesHealth(
            Supplier<List<SupervisionTree>> trees,
            ToIntFunction<String> outOfServiceAfter,
            Function<String, Optional<RootFailure>> rootFailure) {
        super("A supervision tree could not be looked at");
        this.trees = trees;
        this.outOfServiceAfter = outOfServiceAfter;
        this.rootFailure = rootFailure;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Status worst = Status.UNKNOWN;
        for (SupervisionTree tree : trees.get()) {
            Map<String, Object> details = new LinkedHashMap<>();
            Status status = of(tree, details);
            worst = ChildHealth.worse(worst, status);
            builder.withDetail(tree.name(), details);
        }
        builder.status(worst);
    }

    private Status of(SupervisionTree tree, Map<String, Object> details) {
        ChildSnapshot root = tree.snapshot();
        int limit = outOfServiceAfter.applyAsInt(tree.name());
        Optional<RootFailure> gaveUp = rootFailure.apply(tree.name()).filter(failure -> isStill(failure, root));
        Status status = root.state() == ChildState.REGISTERED ? Status.UNKNOWN : Status.UP;
        List<Map<String, Object>> troubled = new ArrayList<>();
        List<ChildSnapshot> all = root.all().toList();
        for (Status wanted : List.of(Status.DOWN, Status.OUT_OF_SERVICE, Status.UP)) {
            for (ChildSnapshot child : all) {
                Status own = ChildHealth.of(child, limit);
                if (own.equals(wanted) && (wanted != Status.UP || isWorthTelling(child))) {
                    status = wanted == Status.UP ? status : ChildHealth.worse(status, own);
                    troubled.add(ChildHealth.details(child, own));
                }
            }
        }
        if (gaveUp.isPresent()) {
            status = Status.DOWN;
        }
        details.put("status", status.getCode());
        details.put("state", root.state().name());
        gaveUp.ifPresent(failure -> {
            details.put("gaveUp", failure.reason().name());
            details.put("gaveUpAt", failure.path());
        });
        details.put("children", all.size() - 1);
        if (!troubled.isEmpty()) {
            details.put("troubled", troubled.subList(0, Math.min(MOST, troubled.size())));
        }
        if (troubled.size() > MOST) {
            details.put("moreTroubled", troubled.size() - MOST);
        }
        return status;
    }

    /** What ended the tree shows in its state; what it lives on with is over when no thread is abandoned any more. */
    private static boolean isStill(RootFailure failure, ChildSnapshot root) {
        return switch (failure.reason()) {
            case ESCALATED, FATAL -> root.state() == ChildState.FAILED;
            case TOO_MANY_ABANDONED ->
                root.all().anyMatch(child -> !child.abandoned().isEmpty());
        };
    }

    private static boolean isWorthTelling(ChildSnapshot child) {
        return !child.abandoned().isEmpty()
                || switch (child.state()) {
                    case BACKING_OFF, RESTARTING -> true;
                    case REGISTERED, STARTING, RUNNING, STOPPING, STOPPED, FAILED, HELD -> false;
                };
    }
}
