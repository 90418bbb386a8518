package io.grip.supervisor.spring.autoconfigure;

import java.util.Locale;

/**
 * When a tree starts and stops among the other parts of the application. Immutable.
 *
 * @param value of {@link org.springframework.context.SmartLifecycle#getPhase()}: a higher one starts later and stops
 *     earlier
 */
public record TreePhase(int value) {

    /** Takes work in, so stops before the web server begins to shut down, and starts after it. */
    static final TreePhase INTAKE = new TreePhase(Integer.MAX_VALUE - 256);

    /** What requests depend on, so stops after the web server is down, and starts before it. */
    static final TreePhase SERVICE = new TreePhase(Integer.MAX_VALUE - 4096);

    /**
     * Reads a property value.
     *
     * @param text {@code intake}, {@code service}, or a whole number
     */
    public static TreePhase of(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "intake" -> INTAKE;
            case "service" -> SERVICE;
            default -> new TreePhase(CountLimit.count(text.strip(), "'intake' or 'service'"));
        };
    }

    /** Reads a property value that is a number already. */
    public static TreePhase of(Integer phase) {
        return new TreePhase(phase);
    }
}
