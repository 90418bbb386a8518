package io.grip.supervisor.policy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * A delay of {@code initial x multiplier^(retry - 1)}, cut to a maximum: capped exponential backoff. Reckoned in
 * floating point over seconds, so neither large retry numbers nor spans of years overflow; delays whose nanoseconds
 * exceed 2^53 (about 104 days) are exact to within one part in 2^52.
 *
 * @param initial the delay before the first retry, zero or more
 * @param multiplier the factor from one delay to the next, finite, 1 or more
 * @param max what no delay is above, at least {@code initial}
 */
public record ExponentialBackoff(Duration initial, double multiplier, Duration max) implements BackoffPolicy {

    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of range; it names field, value and range
     */
    public ExponentialBackoff {
        Checks.notNegative("backoff initial", initial);
        Checks.between("backoff multiplier", multiplier, 1, Double.MAX_VALUE);
        Checks.notAbove("backoff initial", initial, "backoff max", max);
    }

    @Override
    public Duration delay(int retry) {
        Checks.atLeast("retry", retry, 1);
        if (retry == 1 || initial.isZero()) {
            return initial;
        }
        double seconds = inSeconds(initial) * Math.pow(multiplier, retry - 1d);
        return seconds < inSeconds(max) ? ofSeconds(seconds) : max;
    }

    private Duration ofSeconds(double seconds) {
        long whole = (long) seconds;
        Duration delay =
                Duration.ofSeconds(whole).plus(Math.round((seconds - whole) * NANOS_PER_SECOND), ChronoUnit.NANOS);
        return delay.compareTo(max) > 0 ? max : delay;
    }

    private static double inSeconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / NANOS_PER_SECOND;
    }
}
