package io.grip.supervisor.spring.autoconfigure;

import java.util.OptionalInt;

/**
 * A count that may be absent. As the value of a property it says so in words, which differs from not being set: it unsets
 * what would be inherited. Immutable.
 *
 * @param value empty for no limit
 */
public record CountLimit(OptionalInt value) {

    /**
     * Reads a property value.
     *
     * @param text {@code none}, {@code unlimited}, or a whole number
     */
    public static CountLimit of(String text) {
        String stripped = text.strip();
        return new CountLimit(
                saysNoLimit(stripped) ? OptionalInt.empty() : OptionalInt.of(count(stripped, "'none' or 'unlimited'")));
    }

    /** Reads a property value that is a number already. */
    public static CountLimit of(Integer count) {
        return of(count.toString());
    }

    /** Reads a property value that is a large number already, so that it is refused by the same words. */
    public static CountLimit of(Long count) {
        return of(count.toString());
    }

    static boolean saysNoLimit(String text) {
        return text.equalsIgnoreCase("none") || text.equalsIgnoreCase("unlimited");
    }

    static int count(String text, String words) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException unreadable) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a whole number up to " + Integer.MAX_VALUE + ", nor " + words, unreadable);
        }
    }
}
