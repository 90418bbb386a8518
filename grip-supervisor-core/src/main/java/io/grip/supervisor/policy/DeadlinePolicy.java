package io.grip.supervisor.policy;

import java.time.Duration;
import java.util.Optional;

/**
 * How long an execution and each of its attempts may take.
 *
 * @param timeout for the whole execution, admission, all incarnations, attempts and waits included; positive, or empty
 *     for no limit
 * @param attemptTimeout for one attempt; positive, or empty for no limit
 */
public record DeadlinePolicy(Optional<Duration> timeout, Optional<Duration> attemptTimeout) {

    private static final DeadlinePolicy NONE = new DeadlinePolicy(Optional.empty(), Optional.empty());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a duration is zero or negative
     */
    public DeadlinePolicy {
        Checks.notNull("timeout", timeout).ifPresent(value -> Checks.positive("timeout", value));
        Checks.notNull("attempt-timeout", attemptTimeout).ifPresent(value -> Checks.positive("attempt-timeout", value));
    }

    /** No limit at all. */
    public static DeadlinePolicy none() {
        return NONE;
    }

    /**
     * A limit for the whole execution.
     *
     * @param timeout positive
     */
    public static DeadlinePolicy of(Duration timeout) {
        return new DeadlinePolicy(Optional.of(timeout), Optional.empty());
    }

    /**
     * This policy with a limit for each attempt.
     *
     * @param attemptTimeout positive
     */
    public DeadlinePolicy withAttemptTimeout(Duration attemptTimeout) {
        return new DeadlinePolicy(timeout, Optional.of(attemptTimeout));
    }
}
