package io.grip.supervisor.policy;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How many attempts may run at once, and how long an execution waits for its turn.
 *
 * @param maxConcurrency how many attempts may run at once, 1 or more; empty for no limit
 * @param maxWait how long an execution waits before its first attempt; zero rejects at once
 */
public record AdmissionPolicy(OptionalInt maxConcurrency, Duration maxWait) {

    private static final AdmissionPolicy UNLIMITED = new AdmissionPolicy(OptionalInt.empty(), Duration.ZERO);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the limit is below 1 or the wait is negative
     */
    public AdmissionPolicy {
        Checks.notNull("max-concurrency", maxConcurrency)
                .ifPresent(value -> Checks.atLeast("max-concurrency", value, 1));
        Checks.notNegative("max-wait", maxWait);
    }

    /** No limit: every execution is admitted at once. */
    public static AdmissionPolicy unlimited() {
        return UNLIMITED;
    }

    /**
     * A limit, without waiting.
     *
     * @param maxConcurrency 1 or more
     */
    public static AdmissionPolicy of(int maxConcurrency) {
        return new AdmissionPolicy(OptionalInt.of(maxConcurrency), Duration.ZERO);
    }

    /**
     * This policy with another wait before the first attempt.
     *
     * @param maxWait zero or more; zero rejects at once
     */
    public AdmissionPolicy withMaxWait(Duration maxWait) {
        return new AdmissionPolicy(maxConcurrency, maxWait);
    }
}
