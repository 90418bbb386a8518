package io.grip.supervisor.policy;

import java.time.Duration;

/**
 * Computes the delay before a retry or restart, without jitter. A pure function: the same number gives the same delay.
 * Implementations are immutable and safe for use by any thread.
 */
@FunctionalInterface
public interface BackoffPolicy {

    /**
     * The delay before a retry.
     *
     * @param retry which one, counted from 1; any larger number up to {@link Integer#MAX_VALUE} is legal
     * @return zero or more, never above the policy's maximum
     * @throws IllegalArgumentException if {@code retry} is below 1
     */
    Duration delay(int retry);

    /** No delay at all. */
    static BackoffPolicy none() {
        return FixedBackoff.NONE;
    }

    /**
     * The same delay each time.
     *
     * @param delay zero or more
     */
    static BackoffPolicy fixed(Duration delay) {
        return new FixedBackoff(delay);
    }

    /**
     * A delay that grows by one step each time: step, 2 x step, 3 x step ...
     *
     * @param step the first delay and the growth, zero or more
     * @param max what no delay is above, at least {@code step}
     */
    static BackoffPolicy linear(Duration step, Duration max) {
        return new LinearBackoff(step, max);
    }

    /**
     * A delay that is multiplied each time; see {@link ExponentialBackoff}.
     *
     * @param initial the first delay, zero or more
     * @param multiplier the factor, 1 or more
     * @param max what no delay is above, at least {@code initial}
     */
    static BackoffPolicy exponential(Duration initial, double multiplier, Duration max) {
        return new ExponentialBackoff(initial, multiplier, max);
    }
}
