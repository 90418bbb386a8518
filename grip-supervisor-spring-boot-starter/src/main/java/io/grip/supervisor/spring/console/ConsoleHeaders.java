package io.grip.supervisor.spring.console;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;

/**
 * The headers that every answer below the console's address has. An endpoint's operation cannot set any, hence the
 * filters. Any thread may call it.
 */
final class ConsoleHeaders {

    static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                            + " require-trusted-types-for 'script'; trusted-types 'none'",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-cache");

    private static final EndpointId CONSOLE = EndpointId.of(ConsoleEndpoint.ID);

    private final Supplier<PathMappedEndpoints> endpoints;

    /** Publishes to requests where the console stands, once it is known; threads that look it up twice find the same. */
    private volatile @Nullable String console;

    ConsoleHeaders(Supplier<PathMappedEndpoints> endpoints) {
        this.endpoints = endpoints;
    }

    /** Sets the headers if the path, without that of the application, is the console's or below it. */
    void set(String path, BiConsumer<String, String> header) {
        String ours = console();
        if (ours != null
                && path.startsWith(ours)
                && (path.length() == ours.length() || path.charAt(ours.length()) == '/')) {
            HEADERS.forEach(header);
        }
    }

    private @Nullable String console() {
        String known = console;
        if (known == null) {
            known = endpoints.get().getPath(CONSOLE);
            console = known;
        }
        return known;
    }
}
