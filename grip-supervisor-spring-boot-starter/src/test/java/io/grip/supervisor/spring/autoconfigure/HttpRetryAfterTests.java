package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

class HttpRetryAfterTests {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final HttpRetryAfter retryAfter = new HttpRetryAfter(InstantSource.fixed(NOW));
    private final HttpHeaders headers = new HttpHeaders();

    @Test
    void readsSeconds() {
        headers.set("Retry-After", " 7 ");

        assertThat(retryAfter.after(tooManyRequests())).contains(Duration.ofSeconds(7));
    }

    @Test
    void readsTheSameHeaderOfTheReactiveClient() {
        headers.set("Retry-After", "7");

        assertThat(retryAfter.after(WebClientResponseException.create(
                        429, "Too Many Requests", headers, new byte[0], StandardCharsets.UTF_8)))
                .contains(Duration.ofSeconds(7));
    }

    @Test
    void readsADateAgainstTheOwnClock() {
        headers.set("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT");

        assertThat(retryAfter.after(tooManyRequests())).contains(Duration.ofSeconds(30));
    }

    @Test
    void readsADateAgainstTheServersClockWhereTheAnswerTellsIt() {
        headers.set("Date", "Sun, 01 Mar 2026 13:00:00 GMT");
        headers.set("Retry-After", "Sun, 01 Mar 2026 13:00:30 GMT");

        assertThat(retryAfter.after(tooManyRequests())).contains(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-3", "1.5", "99999999999999999999999"})
    void takesWhatCannotBeReadForNoHint(String value) {
        headers.set("Retry-After", value);

        assertThat(retryAfter.after(tooManyRequests())).isEmpty();
    }

    @Test
    void anUnreadableDateOfTheServerLeavesTheOwnClock() {
        headers.set("Date", "yesterday");
        headers.set("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT");

        assertThat(retryAfter.after(tooManyRequests())).contains(Duration.ofSeconds(30));
    }

    @Test
    void otherFailuresAndAnswersWithoutTheHeaderGiveNoHint() {
        assertThat(retryAfter.after(tooManyRequests())).isEmpty();
        assertThat(retryAfter.after(new IllegalStateException())).isEmpty();
        assertThat(retryAfter.after(new HttpClientErrorException(HttpStatus.TOO_MANY_REQUESTS)))
                .isEmpty();
    }

    private HttpClientErrorException tooManyRequests() {
        return HttpClientErrorException.create(
                HttpStatus.TOO_MANY_REQUESTS, "", headers, new byte[0], StandardCharsets.UTF_8);
    }
}
