package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.Optional;

/**
 * The ladder by which a worker is stopped: it is asked; after a grace it is interrupted and what it registered is
 * closed; then it is interrupted again each second; at last it is abandoned. Immutable.
 *
 * @param grace how long it has before it is interrupted; zero or more, zero means at once; default 5 s
 * @param abandonAfter how long after it was asked it is given up on; positive, not below the grace; default 10 s
 * @param onStop called when it is asked, not on its own thread; what it throws is reported and ignored
 */
public record StopRules(Duration grace, Duration abandonAfter, Optional<Runnable> onStop) {

    private static final StopRules DEFAULTS =
            new StopRules(Duration.ofSeconds(5), Duration.ofSeconds(10), Optional.empty());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of range; it names field, value and range
     */
    public StopRules {
        Checks.notNegative("grace", Checks.notNull("grace", grace));
        Checks.positive("abandon-after", Checks.notNull("abandon-after", abandonAfter));
        Checks.notNull("on-stop", onStop);
        if (abandonAfter.compareTo(grace) < 0) {
            throw new IllegalArgumentException("abandon-after must not be below grace, but is " + abandonAfter
                    + " and grace is " + grace + ": the worker would be given up on before it was interrupted");
        }
    }

    /** The defaults. */
    public static StopRules defaults() {
        return DEFAULTS;
    }
}
