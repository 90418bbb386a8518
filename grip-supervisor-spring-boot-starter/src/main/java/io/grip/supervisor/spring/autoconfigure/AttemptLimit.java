package io.grip.supervisor.spring.autoconfigure;

import java.util.OptionalInt;

/**
 * A number of attempts, or {@code unlimited}. The word {@code none} is refused: one reader takes it for no retry, the next
 * for no limit. Immutable.
 *
 * @param value empty for no limit
 */
public record AttemptLimit(OptionalInt value) {

    /**
     * Reads a property value.
     *
     * @param text {@code unlimited}, or a whole number
     */
    public static AttemptLimit of(String text) {
        String stripped = text.strip();
        if (stripped.equalsIgnoreCase("none")) {
            throw new IllegalArgumentException(
                    "'none' could mean no retry or no limit: write 1 for a single attempt, or 'unlimited'");
        }
        return new AttemptLimit(
                CountLimit.saysNoLimit(stripped)
                        ? OptionalInt.empty()
                        : OptionalInt.of(CountLimit.count(stripped, "'unlimited'")));
    }

    /** Reads a property value that is a number already. */
    public static AttemptLimit of(Integer count) {
        return of(count.toString());
    }

    /** Reads a property value that is a large number already, so that it is refused by the same words. */
    public static AttemptLimit of(Long count) {
        return of(count.toString());
    }
}
