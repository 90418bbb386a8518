package io.grip.supervisor.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.jayway.jsonpath.JsonPath;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.micrometer.metrics.test.autoconfigure.AutoConfigureMetrics;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;

/** What a monitoring system reads over HTTP, against what the tasks have counted themselves. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "management.endpoints.web.exposure.include=metrics,prometheus",
            "grip.supervisor.policies.payment.retry.max-attempts=3",
            "grip.supervisor.policies.payment.retry.backoff.type=none",
            "grip.supervisor.policies.payment.admission.max-concurrency=2",
            "grip.supervisor.policies.stock.retry.max-attempts=1"
        })
@AutoConfigureMetrics
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsEndpointTests {

    private static final Pattern SERIES = Pattern.compile("^(\\w+)(\\{.*}) (\\S+)$", Pattern.MULTILINE);

    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicInteger attempts = new AtomicInteger();

    @LocalServerPort
    private int port;

    @Autowired
    private SupervisorRegistry registry;

    private Map<String, Double> whileTwoAreRunning;
    private Map<String, Double> series;
    private String scrape;

    @BeforeAll
    void doSomeWork() throws Exception {
        Supervisor payment = registry.get("payment");
        for (int call = 0; call < 5; call++) {
            payment.call(counted(context -> "receipt"));
        }
        for (int call = 0; call < 4; call++) {
            payment.run(counted(MetricsEndpointTests::reset));
        }
        for (int call = 0; call < 2; call++) {
            payment.run(counted(context -> context.attempt() == 1 ? reset(context) : "receipt"));
        }
        payment.run(counted(context -> {
            throw new AssertionError("broken");
        }));
        assertThat(catchThrowable(() -> payment.call(counted(MetricsEndpointTests::reset))))
                .isInstanceOf(IOException.class);
        payment.runAsync(context -> {
                    attempts.incrementAndGet();
                    return CompletableFuture.completedFuture("receipt");
                })
                .get(30, TimeUnit.SECONDS);
        rejectThree(payment);
        scrape = get("/actuator/prometheus");
        series = parse(scrape);
    }

    private void rejectThree(Supervisor payment) throws Exception {
        CountDownLatch running = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        Runnable occupy = () -> payment.run(counted(context -> {
            running.countDown();
            return end.await(60, TimeUnit.SECONDS);
        }));
        CompletableFuture<Void> one = CompletableFuture.runAsync(occupy);
        CompletableFuture<Void> other = CompletableFuture.runAsync(occupy);
        assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
        for (int call = 0; call < 3; call++) {
            payment.run(counted(context -> "receipt"));
        }
        whileTwoAreRunning = parse(get("/actuator/prometheus"));
        end.countDown();
        CompletableFuture.allOf(one, other).get(30, TimeUnit.SECONDS);
    }

    @Test
    void noAttemptIsMissing() {
        assertThat(sum("grip_supervisor_attempts_seconds_count", "payment")).isEqualTo(attempts.get());
        assertThat(attempt("success")).isEqualTo(5 + 2 + 1 + 2);
        assertThat(attempt("failure")).isEqualTo(4 * 3 + 2 + 1 + 3);
        assertThat(attempt("timeout")).isZero();
        assertThat(attempt("cancelled")).isZero();
    }

    @Test
    void noExecutionIsMissing() {
        assertThat(sum("grip_supervisor_executions_seconds_count", "payment")).isEqualTo(5 + 4 + 2 + 1 + 1 + 1 + 2 + 3);
        assertThat(execution("success", "none", "none")).isEqualTo(5 + 2 + 1 + 2);
        assertThat(execution("failure", "handler_error", "IOException")).isEqualTo(4 + 1);
        assertThat(execution("failure", "panic", "AssertionError")).isEqualTo(1);
        assertThat(execution("rejected", "rejected", "AdmissionRejectedException"))
                .isEqualTo(3);
        assertThat(execution("shutdown", "shutdown", "none")).isZero();
    }

    @Test
    void theCountersAgree() {
        assertThat(counter("retries")).isEqualTo((4 + 1) * 2 + 2);
        assertThat(counter("rejections")).isEqualTo(3);
        assertThat(counter("giveups")).isEqualTo(4 + 1 + 1 + 3);
        assertThat(counter("escalations")).isEqualTo(4 + 1 + 1);
        assertThat(counter("restarts")).isZero();
        assertThat(counter("hook_errors")).isZero();
        assertThat(counter("late_results")).isZero();
    }

    @Test
    void theGaugesMoveWithWhatRuns() {
        String payment = "{supervisor=\"payment\"}";
        assertThat(whileTwoAreRunning)
                .containsEntry("grip_supervisor_in_flight" + payment, 2d)
                .containsEntry("grip_supervisor_admission_limit" + payment, 2d);
        assertThat(series)
                .containsEntry("grip_supervisor_in_flight" + payment, 0d)
                .containsEntry("grip_supervisor_admission_waiting" + payment, 0d)
                .containsEntry("grip_supervisor_threads_abandoned" + payment, 0d);
    }

    @Test
    void aSupervisorThatHasDoneNothingIsThereAtZero() {
        assertThat(series)
                .containsEntry("grip_supervisor_retries_total{supervisor=\"stock\"}", 0d)
                .containsEntry("grip_supervisor_backoff_seconds_count{supervisor=\"stock\"}", 0d)
                .doesNotContainKey("grip_supervisor_admission_limit{supervisor=\"stock\"}");
        assertThat(sum("grip_supervisor_executions_seconds_count", "stock")).isZero();
    }

    @Test
    void theScrapeDescribesEachMeter() {
        assertThat(scrape)
                .contains("# HELP grip_supervisor_retries_total Retries decided")
                .contains("# TYPE grip_supervisor_retries_total counter")
                .contains("# TYPE grip_supervisor_executions_seconds summary")
                .contains("# TYPE grip_supervisor_in_flight gauge");
    }

    @Test
    void theMetricsEndpointTellsTheSame() throws Exception {
        String retries = get("/actuator/metrics/grip.supervisor.retries?tag=supervisor:payment");
        assertThat(JsonPath.<List<Double>>read(retries, "$.measurements[?(@.statistic == 'COUNT')].value"))
                .containsExactly(counter("retries"));
        String attempts = get("/actuator/metrics/grip.supervisor.attempts?tag=supervisor:payment&tag=outcome:failure");
        assertThat(JsonPath.<List<Double>>read(attempts, "$.measurements[?(@.statistic == 'COUNT')].value"))
                .containsExactly(attempt("failure"));
        assertThat(JsonPath.<List<String>>read(
                        get("/actuator/metrics/grip.supervisor.executions"), "$.availableTags[*].tag"))
                .containsExactlyInAnyOrder("supervisor", "outcome", "failure", "exception");
        assertThat(JsonPath.<List<String>>read(get("/actuator/metrics"), "$.names[*]"))
                .contains(
                        "grip.supervisor.executions",
                        "grip.supervisor.attempts",
                        "grip.supervisor.retries",
                        "grip.supervisor.backoff",
                        "grip.supervisor.admission.wait",
                        "grip.supervisor.restarts",
                        "grip.supervisor.giveups",
                        "grip.supervisor.escalations",
                        "grip.supervisor.rejections",
                        "grip.supervisor.hook.errors",
                        "grip.supervisor.late.results",
                        "grip.supervisor.policy.changes",
                        "grip.supervisor.in.flight",
                        "grip.supervisor.threads.abandoned",
                        "grip.supervisor.admission.limit",
                        "grip.supervisor.admission.waiting");
    }

    private <T> Task<T> counted(Task<T> task) {
        return context -> {
            attempts.incrementAndGet();
            return task.run(context);
        };
    }

    private static String reset(ExecutionContext context) throws IOException {
        throw new IOException("reset");
    }

    private double attempt(String outcome) {
        return value(
                "grip_supervisor_attempts_seconds_count{outcome=\"%s\",supervisor=\"payment\"}".formatted(outcome));
    }

    private double execution(String outcome, String failure, String exception) {
        return value(
                "grip_supervisor_executions_seconds_count{exception=\"%s\",failure=\"%s\",outcome=\"%s\",supervisor=\"payment\"}"
                        .formatted(exception, failure, outcome));
    }

    private double counter(String name) {
        return value("grip_supervisor_" + name + "_total{supervisor=\"payment\"}");
    }

    private double value(String name) {
        assertThat(series).containsKey(name);
        return series.get(name);
    }

    private double sum(String name, String supervisor) {
        return series.entrySet().stream()
                .filter(each -> each.getKey().startsWith(name + "{")
                        && each.getKey().contains("supervisor=\"" + supervisor + "\""))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private static Map<String, Double> parse(String scrape) {
        Map<String, Double> series = new HashMap<>();
        SERIES.matcher(scrape)
                .results()
                .forEach(line -> series.put(line.group(1) + line.group(2), Double.valueOf(line.group(3))));
        return series;
    }

    private String get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://localhost:" + port + path);
        HttpResponse<String> response =
                http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
