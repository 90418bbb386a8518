package io.grip.supervisor.policy;

import java.time.Duration;

/**
 * How many restarts within how long are still healing: one more within the sliding period, and the supervisor gives up.
 *
 * @param maxRestarts how many restarts the period may hold, zero or more; zero allows none
 * @param period the length of the sliding window, positive
 */
public record RestartIntensity(int maxRestarts, Duration period) {

    static final RestartIntensity DEFAULT = new RestartIntensity(3, Duration.ofSeconds(5));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the number is negative or the period not positive
     */
    public RestartIntensity {
        Checks.atLeast("max-restarts", maxRestarts, 0);
        Checks.positive("period", period);
    }

    /**
     * At most some restarts within a sliding period.
     *
     * @param maxRestarts zero or more
     * @param period positive
     */
    public static RestartIntensity of(int maxRestarts, Duration period) {
        return new RestartIntensity(maxRestarts, period);
    }
}
