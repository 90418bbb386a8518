package io.grip.supervisor.policy;

import java.time.Duration;

/**
 * A delay of {@code retry x step}, cut to a maximum.
 *
 * @param step the first delay and the growth, zero or more
 * @param max what no delay is above, at least {@code step}
 */
public record LinearBackoff(Duration step, Duration max) implements BackoffPolicy {

    /** Checks the values. */
    public LinearBackoff {
        Checks.notNegative("backoff step", step);
        Checks.notAbove("backoff step", step, "backoff max", max);
    }

    @Override
    public Duration delay(int retry) {
        Checks.atLeast("retry", retry, 1);
        // Divided before it is multiplied, so that no product can overflow a duration.
        return step.compareTo(max.dividedBy(retry)) > 0 ? max : step.multipliedBy(retry);
    }
}
