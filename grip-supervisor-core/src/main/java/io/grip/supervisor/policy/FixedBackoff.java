package io.grip.supervisor.policy;

import java.time.Duration;

/**
 * The same delay each time.
 *
 * @param delay zero or more
 */
public record FixedBackoff(Duration delay) implements BackoffPolicy {

    static final FixedBackoff NONE = new FixedBackoff(Duration.ZERO);

    /** Checks the delay. */
    public FixedBackoff {
        Checks.notNegative("backoff delay", delay);
    }

    @Override
    public Duration delay(int retry) {
        Checks.atLeast("retry", retry, 1);
        return delay;
    }
}
