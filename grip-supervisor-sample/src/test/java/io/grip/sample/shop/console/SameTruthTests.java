package io.grip.sample.shop.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.ShopTest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

/** The console, {@code /actuator/metrics} and {@code /actuator/prometheus} say the same. */
@ShopTest
class SameTruthTests {

    private static final Pattern LINE = Pattern.compile(
            " *(\\d+) orders \\| +(\\d+) retries \\| +(\\d+) rejected \\| +(\\d+) failed \\((\\d+) declined cards\\)"
                    + " \\| p50 +(\\d+) ms \\| p99 +(\\d+) ms");

    @Autowired
    private Figures figures;

    @Autowired
    private RestTestClient shop;

    @Autowired
    private GatewayControl gateway;

    @Test
    void isToldByTheConsoleAndTheActuator() {
        gateway.faults("{\"seed\": 1, \"latency\": \"5ms\", \"rates\": {\"unavailable\": 0.4}}");
        for (int i = 0; i < 20; i++) {
            order(i % 5 == 0 ? "tok_declined" : "tok_visa");
        }
        gateway.heal();

        // Receipts may still be under way.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            MatchResult line = line();
            assertThat(metric("grip.supervisor.retries"))
                    .isEqualTo(number(line, 2))
                    .isPositive();
            assertThat(metric("grip.supervisor.rejections")).isEqualTo(number(line, 3));
            assertThat(metric("grip.supervisor.executions?tag=outcome:failure")).isEqualTo(number(line, 4));
            assertThat(metric("grip.supervisor.executions?tag=supervisor:payment"))
                    .isEqualTo(number(line, 1))
                    .isGreaterThanOrEqualTo(20);
            assertThat(scraped("grip_supervisor_retries_total")).isEqualTo(number(line, 2));
            assertThat(scraped("grip_supervisor_rejections_total")).isEqualTo(number(line, 3));
            assertThat(scraped("grip_supervisor_executions_seconds_count", "outcome=\"failure\""))
                    .isEqualTo(number(line, 4));
            assertThat(scraped("grip_supervisor_executions_seconds_count", "supervisor=\"payment\""))
                    .isEqualTo(number(line, 1));
            assertThat(Math.round(1000
                            * scraped(
                                    "grip_supervisor_executions_seconds{",
                                    "supervisor=\"payment\"",
                                    "outcome=\"success\"",
                                    "quantile=\"0.99\"")))
                    .isEqualTo((long) number(line, 7))
                    .isPositive();
        });
    }

    private MatchResult line() {
        return LINE.matcher(figures.line())
                .results()
                .findFirst()
                .orElseThrow(() -> new AssertionError("not the line: " + figures.line()));
    }

    private static double number(MatchResult line, int group) {
        return Double.parseDouble(line.group(group));
    }

    /** The count of a meter as the metrics endpoint has it. */
    private double metric(String path) {
        Map<?, ?> answer = Objects.requireNonNull(shop.get()
                .uri("/actuator/metrics/" + path)
                .exchange()
                .expectBody(Map.class)
                .returnResult()
                .getResponseBody());
        return ((Iterable<?>) Objects.requireNonNull(answer.get("measurements")))
                                .iterator()
                                .next()
                        instanceof Map<?, ?> first
                ? ((Number) Objects.requireNonNull(first.get("value"))).doubleValue()
                : Double.NaN;
    }

    /** The sum of the scraped lines that begin with the name and have the tags. */
    private double scraped(String name, String... tags) {
        String scrape = Objects.requireNonNull(shop.get()
                .uri("/actuator/prometheus")
                .accept(MediaType.TEXT_PLAIN)
                .exchange()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody());
        return scrape.lines()
                .filter(it -> it.startsWith(name))
                .filter(it -> Stream.of(tags).allMatch(it::contains))
                .mapToDouble(it -> Double.parseDouble(it.substring(it.lastIndexOf(' ') + 1)))
                .sum();
    }

    private void order(String card) {
        shop.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body("{\"sku\": \"filter\", \"quantity\": 1, \"card\": \"" + card + "\"}")
                .exchange()
                .returnResult();
    }
}
