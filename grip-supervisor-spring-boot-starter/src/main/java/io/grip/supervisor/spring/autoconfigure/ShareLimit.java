package io.grip.supervisor.spring.autoconfigure;

import java.util.OptionalDouble;

/**
 * A share that may be absent. As the value of a property it says so in words, which differs from not being set: it unsets
 * what would be inherited. Immutable.
 *
 * @param value empty for none
 */
public record ShareLimit(OptionalDouble value) {

    /**
     * Reads a property value.
     *
     * @param text {@code none}, {@code unlimited}, or a number
     */
    public static ShareLimit of(String text) {
        String stripped = text.strip();
        return new ShareLimit(
                CountLimit.saysNoLimit(stripped) ? OptionalDouble.empty() : OptionalDouble.of(share(stripped)));
    }

    /** Reads a property value that is a number already. */
    public static ShareLimit of(Double share) {
        return of(share.toString());
    }

    /** Reads a property value that is a whole number already. */
    public static ShareLimit of(Integer share) {
        return of(share.toString());
    }

    private static double share(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException unreadable) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a number from 0 to 1, nor 'none' or 'unlimited'", unreadable);
        }
    }
}
