package io.grip.supervisor.tree;

import java.time.Duration;

/** The checks of what a user configures: each failure names the field, the value and the range. */
final class Checks {

    private Checks() {}

    static void atLeast(String field, int value, int minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(field + " must be at least " + minimum + ", but is " + value);
        }
    }

    static void between(String field, double value, double minimum, double maximum) {
        if (!(value >= minimum && value <= maximum)) {
            throw new IllegalArgumentException(
                    field + " must be between " + minimum + " and " + maximum + ", but is " + value);
        }
    }

    static void notNegative(String field, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(field + " must be zero or more, but is " + value);
        }
    }

    static void positive(String field, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(field + " must be more than zero, but is " + value);
        }
    }

    static void name(String field, String value) {
        if (value.isBlank() || value.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    field + " must not be blank nor contain '/', which separates the parts of a path, but is '" + value
                            + "'");
        }
    }

    static <T> T notNull(String field, T value) {
        if (value == null) {
            throw new IllegalArgumentException(field + " must be given, but is null");
        }
        return value;
    }
}
