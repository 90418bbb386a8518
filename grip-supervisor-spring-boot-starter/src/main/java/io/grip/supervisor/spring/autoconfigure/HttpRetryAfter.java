package io.grip.supervisor.spring.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * Reads the {@code Retry-After} header of the answers that Spring's HTTP clients throw: a number of seconds, or a date. A
 * date is compared with the answer's own {@code Date} where it has one, so that a clock that differs from the server's
 * does not matter. Immutable.
 */
final class HttpRetryAfter {

    private static final boolean WEB_CLIENT = ClassUtils.isPresent(
            "org.springframework.web.reactive.function.client.WebClientResponseException",
            HttpRetryAfter.class.getClassLoader());

    private final InstantSource clock;

    HttpRetryAfter(InstantSource clock) {
        this.clock = clock;
    }

    /** The wait that a failure asks for; empty if it asks for none, or in a form that cannot be read. */
    Optional<Duration> after(Throwable failure) {
        HttpHeaders headers = headers(failure);
        return headers == null ? Optional.empty() : Optional.ofNullable(delay(headers));
    }

    private static @Nullable HttpHeaders headers(Throwable failure) {
        if (failure instanceof RestClientResponseException answer) {
            return answer.getResponseHeaders();
        }
        return WEB_CLIENT ? WebClientAnswer.headers(failure) : null;
    }

    private @Nullable Duration delay(HttpHeaders headers) {
        String value = headers.getFirst(HttpHeaders.RETRY_AFTER);
        if (value == null) {
            return null;
        }
        String stripped = value.strip();
        if (stripped.matches("\\d{1,18}")) {
            return Duration.ofSeconds(Long.parseLong(stripped));
        }
        Instant date = date(headers, HttpHeaders.RETRY_AFTER);
        Instant sent = date(headers, HttpHeaders.DATE);
        return date == null ? null : Duration.between(sent == null ? clock.instant() : sent, date);
    }

    private static @Nullable Instant date(HttpHeaders headers, String name) {
        try {
            ZonedDateTime date = headers.getFirstZonedDateTime(name);
            return date == null ? null : date.toInstant();
        } catch (IllegalArgumentException unreadable) {
            // What the server meant is unknown, which is the same as not having been told.
            return null;
        }
    }

    /** Apart, so that nothing is loaded of a library that may not be there. */
    private static final class WebClientAnswer {

        private WebClientAnswer() {}

        static @Nullable HttpHeaders headers(Throwable failure) {
            return failure instanceof WebClientResponseException answer ? answer.getHeaders() : null;
        }
    }
}
