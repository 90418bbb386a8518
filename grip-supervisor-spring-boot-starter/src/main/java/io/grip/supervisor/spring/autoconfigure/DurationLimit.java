package io.grip.supervisor.spring.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.boot.convert.DurationStyle;

/**
 * A duration that may be absent. As the value of a property it says so in words, which differs from not being set: it
 * unsets what would be inherited. Immutable.
 *
 * @param value empty for no limit
 */
public record DurationLimit(Optional<Duration> value) {

    /**
     * Reads a property value.
     *
     * @param text {@code none}, {@code unlimited}, a number of milliseconds, or a duration such as {@code 600ms},
     *     {@code 2s} or {@code PT1M30S}
     */
    public static DurationLimit of(String text) {
        String stripped = text.strip();
        return new DurationLimit(CountLimit.saysNoLimit(stripped) ? Optional.empty() : Optional.of(duration(stripped)));
    }

    /** Reads a property value that is a number already: milliseconds. */
    public static DurationLimit of(Integer millis) {
        return of(millis.toString());
    }

    /** Reads a property value that is a large number already: milliseconds. */
    public static DurationLimit of(Long millis) {
        return of(millis.toString());
    }

    private static Duration duration(String text) {
        try {
            return DurationStyle.detectAndParse(text, ChronoUnit.MILLIS);
        } catch (IllegalArgumentException unreadable) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a duration such as 600ms, 2s or PT1M30S, nor 'none' or 'unlimited'",
                    unreadable);
        }
    }
}
