package io.grip.supervisor.policy;

import java.time.Duration;
import java.util.Objects;

/** The checks of policy values: each failure names the field, the value and the range. */
final class Checks {

    private Checks() {}

    static <T> T notNull(String field, T value) {
        return Objects.requireNonNull(value, field + " must not be null");
    }

    static int atLeast(String field, int value, int minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(field + " must be at least " + minimum + ", but is " + value);
        }
        return value;
    }

    static double between(String field, double value, double minimum, double maximum) {
        if (!(value >= minimum && value <= maximum)) {
            throw new IllegalArgumentException(
                    field + " must be between " + minimum + " and " + maximum + ", but is " + value);
        }
        return value;
    }

    static Duration notNegative(String field, Duration value) {
        if (notNull(field, value).isNegative()) {
            throw new IllegalArgumentException(field + " must be zero or more, but is " + value);
        }
        return value;
    }

    static Duration positive(String field, Duration value) {
        if (notNull(field, value).isNegative() || value.isZero()) {
            throw new IllegalArgumentException(field + " must be more than zero, but is " + value);
        }
        return value;
    }

    static void notAbove(String field, Duration value, String limitField, Duration limit) {
        if (value.compareTo(notNull(limitField, limit)) > 0) {
            throw new IllegalArgumentException(field + " must not be above " + limitField + ", but is " + value
                    + " and " + limitField + " is " + limit);
        }
    }
}
