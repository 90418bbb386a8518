package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is done when a root gives up. It runs on a daemon thread of its own, once for each start of the tree, so it may
 * stop the tree, close what is around it, or exit.
 *
 * @param action what to do
 * @param deadline how long it may take before {@code overdue} runs; positive
 * @param overdue the last resort, on yet another thread: {@code () -> Runtime.getRuntime().halt(1)}, for one; empty: that
 *     it is late is logged
 */
public record RootAction(Consumer<RootFailure> action, Duration deadline, Optional<Runnable> overdue) {

    private static final RootAction LOG = of(failure -> {});

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of range; it names field, value and range
     */
    public RootAction {
        Checks.notNull("action", action);
        Checks.positive("deadline", Checks.notNull("deadline", deadline));
        Checks.notNull("overdue", overdue);
    }

    /** Nothing beyond the log entry that there is in any case; the default. */
    public static RootAction log() {
        return LOG;
    }

    /** An action with a deadline of 30 s and no last resort. */
    public static RootAction of(Consumer<RootFailure> action) {
        return new RootAction(action, Duration.ofSeconds(30), Optional.empty());
    }

    /** This action with a last resort. */
    public RootAction orElse(Duration deadline, Runnable overdue) {
        return new RootAction(action, deadline, Optional.of(overdue));
    }
}
