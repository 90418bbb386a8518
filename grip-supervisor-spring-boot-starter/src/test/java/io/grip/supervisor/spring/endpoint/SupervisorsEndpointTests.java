package io.grip.supervisor.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.jayway.jsonpath.JsonPath;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.SupervisorSpec;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** What an operator reads and writes over HTTP, with access to both. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "management.endpoints.web.exposure.include=supervisors",
            "management.endpoint.supervisors.access=unrestricted",
            "spring.config.location=classpath:endpoint/application.yml",
        })
class SupervisorsEndpointTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SECRET = "4111-1111-1111-1111";

    private final HttpClient http = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @Autowired
    private SupervisorRegistry registry;

    @Autowired
    private Supervisor leaving;

    @Autowired
    private Audit audit;

    @Autowired
    private MeterRegistry meters;

    @BeforeEach
    void afterOneFailureOneRetryAndOneSuccess() {
        int[] attempts = {0};
        registry.get("payment").run(context -> {
            if (++attempts[0] == 1) {
                throw new IOException("gateway down " + "x".repeat(10_000));
            }
            return "paid with " + SECRET;
        });
        audit.heard.clear();
    }

    @Configuration
    @EnableAutoConfiguration
    static class Application {

        @Bean
        SupervisionTree shop() {
            return SupervisionTree.builder("shop")
                    .strategy(RestartStrategy.ONE_FOR_ONE)
                    .child(ChildSpec.of("poller", context -> idle())
                            .withSettle(Duration.ZERO)
                            .withStop(Duration.ofMillis(1), Duration.ofSeconds(10)))
                    .supervisor(SupervisorSpec.of("outbox", RestartStrategy.REST_FOR_ONE)
                            .withChild(ChildSpec.of("deliver", context -> idle())))
                    .build();
        }

        private static void idle() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Bean
        SupervisorCustomizer quiet() {
            return (name, builder) -> {
                if (name.equals("stock")) {
                    builder.policy(builder.policy().withEscalation(EscalationPolicy.of(false, false)));
                }
            };
        }

        @Bean
        Audit audit() {
            return new Audit();
        }

        @Bean
        Supervisor ownOne() {
            return Supervisor.builder("own one").build();
        }

        @Bean
        Supervisor leaving() {
            return Supervisor.builder("leaving")
                    .runner(ExecutorRunner.ownThread())
                    .policy(SupervisorPolicy.none())
                    .build();
        }

        /** In the place of an application's security: whoever says who he is, is. */
        @Bean
        Filter login() {
            return (request, response, chain) -> {
                String user = ((HttpServletRequest) request).getHeader("X-User");
                chain.doFilter(
                        user == null
                                ? request
                                : new HttpServletRequestWrapper((HttpServletRequest) request) {
                                    @Override
                                    public Principal getUserPrincipal() {
                                        return () -> user;
                                    }
                                },
                        response);
            };
        }
    }

    /** Keeps what is audited. */
    static class Audit {

        private final List<AuditEvent> heard = new CopyOnWriteArrayList<>();

        @EventListener
        void hear(AuditApplicationEvent event) {
            if (event.getAuditEvent().getType().equals(AuditedChanges.TYPE)) {
                heard.add(event.getAuditEvent());
            }
        }
    }

    private HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).GET());
    }

    private HttpResponse<String> post(String path, String body) {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + "/actuator/supervisors" + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static <T> T read(HttpResponse<String> answer, String path) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonPath.read(answer.body(), path);
    }

    private static String field(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        return JsonPath.read(answer.body(), "$.errors[0].field");
    }

    // ---------------------------------------------------------------- reading

    @Test
    void listsAllSupervisorsAndTrees() {
        HttpResponse<String> all = get("");

        assertThat(this.<List<String>>readList(all, "$.supervisors[*].name")).contains("own one", "payment", "stock");
        assertThat(this.<List<String>>readList(all, "$.trees[*].name")).contains("shop");
        assertThat(this.<List<String>>readList(all, "$.trees[?(@.name=='shop')].children[*].path"))
                .containsExactly("shop/poller", "shop/outbox");
        assertThat(this.<List<Object>>readList(all, "$.supervisors[*].policy")).containsOnlyNulls();
    }

    private <T> T readList(HttpResponse<String> answer, String path) {
        return read(answer, path);
    }

    @Test
    void showsWhatASupervisorDoes() {
        HttpResponse<String> payment = get("/calls/payment");

        assertThat(this.<String>text(payment, "$.state")).isEqualTo("RUNNING");
        assertThat(this.<String>text(payment, "$.thread")).isEqualTo("caller");
        assertThat(this.<Integer>read(payment, "$.limit")).isPositive();
        assertThat(this.<Integer>read(payment, "$.executions.success")).isPositive();
        assertThat(this.<Integer>read(payment, "$.attempts")).isGreaterThanOrEqualTo(2);
        assertThat(this.<Integer>read(payment, "$.retries")).isPositive();
        assertThat(this.<Number>read(payment, "$.latency.p99").doubleValue()).isPositive();
        assertThat(this.<Number>read(payment, "$.retryBudget.share").doubleValue())
                .isEqualTo(0.2);
    }

    private <T> T text(HttpResponse<String> answer, String path) {
        return read(answer, path);
    }

    @Test
    void showsTheLastFailuresShortenedAndWhatFollowedButNothingOfACall() {
        HttpResponse<String> payment = get("/calls/payment?stacks=true");

        assertThat(this.<String>text(payment, "$.lastFailures[0].exception")).isEqualTo("java.io.IOException");
        assertThat(this.<String>text(payment, "$.lastFailures[0].message"))
                .startsWith("gateway down")
                .hasSizeLessThanOrEqualTo(200);
        assertThat(this.<String>text(payment, "$.lastFailures[0].then")).isEqualTo("RETRY");
        assertThat(this.<Integer>read(payment, "$.lastFailures[0].attempt")).isOne();
        assertThat(payment.body()).doesNotContain(SECRET).doesNotContain("SupervisorsEndpointTests");
    }

    @Test
    void keepsSixteenFailuresAndNoMore() {
        for (int call = 0; call < 40; call++) {
            String message = "call " + call;
            registry.get("stock").run(context -> {
                throw new IllegalStateException(message);
            });
        }

        List<String> messages = read(get("/calls/stock"), "$.lastFailures[*].message");
        assertThat(messages).hasSize(16).startsWith("call 39").doesNotContain("call 1");
    }

    @Test
    void saysOfEachValueWhereItComesFrom() {
        HttpResponse<String> payment = get("/calls/payment");
        HttpResponse<String> stock = get("/calls/stock");

        assertThat(this.<String>text(stock, "$.policy['retry.max-attempts'].value"))
                .isEqualTo("2");
        assertThat(this.<String>text(stock, "$.policy['retry.max-attempts'].origin"))
                .contains("application.yml")
                .matches(".*\\d+:\\d+.*");
        assertThat(this.<String>text(payment, "$.policy['retry.backoff.type'].origin"))
                .as("inherited from defaults")
                .contains("application.yml");
        assertThat(this.<String>text(payment, "$.policy['restart.mode'].origin"))
                .isEqualTo("default");
        assertThat(this.<String>text(stock, "$.policy['escalation.on-panic'].origin"))
                .isEqualTo("customizer");
        assertThat(this.<String>text(get("/calls/own%20one"), "$.policy['retry.max-attempts'].origin"))
                .isEqualTo("code");
        assertThat(payment.body()).doesNotContain("hunter2");
    }

    @Test
    void showsAbandonedThreadsAndTheirStacksOnlyWhereAskedFor() {
        CountDownLatch goOn = new CountDownLatch(1);
        leaving.run(context -> {
            context.cancel();
            awaitWhateverInterrupts(goOn);
            return null;
        });

        await().atMost(PATIENCE)
                .until(() -> !this.<List<Object>>readList(get("/calls/leaving"), "$.abandonedThreads")
                        .isEmpty());
        HttpResponse<String> asked = get("/calls/leaving?stacks=true");
        HttpResponse<String> unasked = get("/calls/leaving");
        goOn.countDown();

        assertThat(this.<Number>read(unasked, "$.abandonedThreads[0].age").doubleValue())
                .isPositive();
        assertThat(this.<Object>read(unasked, "$.abandonedThreads[0].stack")).isNull();
        assertThat(unasked.body()).doesNotContain("awaitWhateverInterrupts");
        assertThat(this.<List<String>>readList(asked, "$.abandonedThreads[0].stack"))
                .anyMatch(line -> line.contains("awaitWhateverInterrupts"));
        await().atMost(PATIENCE)
                .until(() -> this.<List<Object>>readList(get("/calls/leaving"), "$.abandonedThreads")
                        .isEmpty());
    }

    private static void awaitWhateverInterrupts(CountDownLatch goOn) {
        while (goOn.getCount() > 0) {
            try {
                goOn.await();
            } catch (InterruptedException ignored) {
                // Deaf on purpose.
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"/calls/none", "/calls", "/trees/none", "/trees/shop/none", "/none/payment"})
    void doesNotKnowWhatIsNotThere(String path) {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void showsAChildOfATree() {
        HttpResponse<String> child = get("/trees/shop/outbox/deliver");

        assertThat(this.<String>text(child, "$.path")).isEqualTo("shop/outbox/deliver");
        assertThat(this.<String>text(child, "$.kind")).isEqualTo("WORKER");
        assertThat(this.<Integer>read(child, "$.budgetLeft")).isEqualTo(10);
        assertThat(this.<String>text(get("/trees/shop/outbox"), "$.strategy")).isEqualTo("REST_FOR_ONE");
    }

    @Test
    void answersWithTheKeysThatItsPageNames() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "endpoint.md"));

        Map<String, Object> calls = read(get("/calls/payment"), "$");
        Map<String, Object> failure = read(get("/calls/payment"), "$.lastFailures[0]");
        Map<String, Object> child = read(get("/trees/shop/poller"), "$");
        TreeSet<String> keys = new TreeSet<>(calls.keySet());
        keys.addAll(child.keySet());
        keys.addAll(failure.keySet());

        assertThat(keys).allSatisfy(key -> assertThat(page).containsAnyOf("`" + key + "`", "\"" + key + "\""));
        assertThat(page.lines()
                        .dropWhile(line -> !line.startsWith("S, a supervisor"))
                        .takeWhile(line -> !line.startsWith("Counts and latency"))
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(2, line.indexOf('|', 2)))
                        .flatMap(cell -> List.of(cell.replace("`", "").split(",")).stream())
                        .map(String::strip))
                .containsExactlyInAnyOrderElementsOf(calls.keySet());
        assertThat(page.lines()
                        .dropWhile(line -> !line.startsWith("T, a supervisor tree"))
                        .takeWhile(line -> !line.startsWith("## Writing"))
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(2, line.indexOf('|', 2)))
                        .flatMap(cell -> List.of(cell.replace("`", "").split(",")).stream())
                        .map(String::strip))
                .containsExactlyInAnyOrderElementsOf(child.keySet());
    }

    // ---------------------------------------------------------------- writing

    @Test
    void changesSomeValuesAndLeavesTheOthers() {
        HttpResponse<String> changed = post(
                "/calls/booking",
                "{\"action\": \"update\", \"policy\": {\"retry\": {\"max-attempts\": 5}, \"deadline.timeout\": \"none\"}}");

        assertThat(this.<String>text(changed, "$.policy['retry.max-attempts'].value"))
                .isEqualTo("5");
        assertThat(this.<String>text(changed, "$.policy['retry.max-attempts'].origin"))
                .isEqualTo("live change");
        assertThat(this.<String>text(changed, "$.policy['deadline.timeout'].value"))
                .isEqualTo("none");
        assertThat(this.<String>text(changed, "$.policy['restart.period'].origin"))
                .isNotEqualTo("live change");
        assertThat(registry.get("booking").policy().retry().maxAttempts().max()).isEqualTo(5);
        assertThat(audit.heard).hasSize(1);
        assertThat(audit.heard.get(0).getPrincipal()).isEqualTo("anonymous");
        assertThat(audit.heard.get(0).getData())
                .containsEntry("name", "booking")
                .containsEntry("action", "update")
                .containsEntry("to", Map.of("retry.max-attempts", "5", "deadline.timeout", "none"));
        assertThat(meters.get("grip.supervisor.changes")
                        .tags("kind", "calls", "supervisor", "booking", "action", "update")
                        .counter()
                        .count())
                .isPositive();
    }

    @Test
    void saysWhoMadeAChange() {
        HttpResponse<String> changed = send(HttpRequest.newBuilder(uri("/calls/booking"))
                .header("Content-Type", "application/json")
                .header("X-User", "ada")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"action\": \"update\", \"policy\": {\"retry.jitter\": 0.25}}")));

        assertThat(this.<String>text(changed, "$.policy['retry.jitter'].by")).isEqualTo("ada");
        assertThat(audit.heard).extracting(AuditEvent::getPrincipal).containsExactly("ada");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retry.max-attempts|0",
                "retry.max-attempts|none",
                "retry.max-attempt|4",
                "deadline.timeout|soon",
                "retry.backoff.initial|-1s",
                "retry.jitter|2",
                "retry.never-on|com.example.NoSuchClass",
                "retry.never-on|java.lang.String",
                "thread|own",
                "admission.max-concurrency|99999999999",
                "nonsense|1",
                "Retry..x|1"
            })
    void refusesWhatCannotBeAndKeepsWhatIs(String key, String value) {
        var before = registry.get("stock").policy();

        HttpResponse<String> refused = post(
                "/calls/stock",
                "{\"action\": \"update\", \"policy\": {\"retry.backoff.max\": \"9s\", \"" + key + "\": \"" + value
                        + "\"}}");

        assertThat(field(refused)).startsWithIgnoringCase(key.substring(0, 5));
        assertThat(problem(refused, "message")).isNotBlank();
        assertThat(registry.get("stock").policy()).isEqualTo(before);
        assertThat(audit.heard).isEmpty();
    }

    private String problem(HttpResponse<String> answer, String key) {
        return JsonPath.read(answer.body(), "$.errors[0]." + key);
    }

    @Test
    void refusesValuesThatContradictEachOther() {
        HttpResponse<String> refused = post(
                "/calls/stock",
                "{\"action\":\"update\",\"policy\":{\"deadline\":{\"timeout\":\"1s\",\"attempt-timeout\":\"2s\"}}}");

        assertThat(field(refused)).isEqualTo("deadline.attempt-timeout");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"action\":\"explode\"}|action",
                "{\"policy\":{\"retry.jitter\":0}}|action",
                "{\"action\":\"update\"}|policy",
                "{\"action\":\"update\",\"policy\":\"all\"}|policy",
                "{\"action\":\"update\",\"policy\":[1]}|policy",
                "{\"action\":\"update\",\"policy\":{\"retry.jitter\":null}}|policy.retry.jitter",
                "{\"action\":\"drain\",\"policy\":{\"retry.jitter\":0}}|policy",
                "{\"action\":\"drain\",\"extra\":1}|extra",
                "{\"action\":\"drain\",\"path\":\"calls/stock\"}|path",
                "{\"action\":\"restart\"}|action"
            })
    void refusesABodyThatIsNotWhatItShouldBe(String body, String field) {
        assertThat(field(post("/calls/payment", body))).isEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[1, 2]", "{\"action\"", "nonsense", "42"})
    void refusesWhatIsNoObject(String body) {
        assertThat(post("/calls/payment", body).statusCode()).isEqualTo(400);
    }

    @Test
    void refusesAHugeBodyWithAndWithoutItsLength() {
        String huge = "{\"action\":\"" + "x".repeat(100_000) + "\"}";
        HttpRequest.BodyPublisher chunked =
                HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(huge.getBytes()));

        assertThat(post("/calls/payment", huge).statusCode()).isEqualTo(413);
        assertThat(send(HttpRequest.newBuilder(uri("/calls/payment"))
                                .header("Content-Type", "application/json")
                                .POST(chunked))
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void drainsAndResumes() {
        assertThat(this.<String>text(post("/calls/booking", "{\"action\":\"drain\"}"), "$.state"))
                .isEqualTo("DRAINING");
        assertThat(this.<String>text(post("/calls/booking", "{\"action\":\"resume\"}"), "$.state"))
                .isEqualTo("RUNNING");
        assertThat(audit.heard).hasSize(2);
    }

    @Test
    void stopsStartsAndRestartsAChild() {
        assertThat(this.<String>text(post("/trees/shop/poller", "{\"action\":\"stop\"}"), "$.state"))
                .isEqualTo("STOPPED");
        assertThat(this.<String>text(post("/trees/shop/poller", "{\"action\":\"start\"}"), "$.state"))
                .isEqualTo("RUNNING");
        assertThat(post("/trees/shop/poller", "{\"action\":\"start\"}").statusCode())
                .isEqualTo(409);
        int generation = read(get("/trees/shop/poller"), "$.generation");
        assertThat(this.<Integer>read(post("/trees/shop/poller", "{\"action\":\"restart\"}"), "$.generation"))
                .isEqualTo(generation + 1);
        assertThat(post("/trees/shop/none", "{\"action\":\"stop\"}").statusCode())
                .isEqualTo(404);
        assertThat(field(post("/trees/shop", "{\"action\":\"stop\"}"))).isEqualTo("path");
        assertThat(audit.heard)
                .hasSize(3)
                .allMatch(event -> event.getData().get("path").equals("poller"));
    }

    @Test
    void writersAtTheSameTimeAllWinEachWithItsOwnValues() throws Exception {
        List<CompletableFuture<Integer>> writers = IntStream.range(0, 16)
                .mapToObj(writer -> CompletableFuture.supplyAsync(() -> post(
                                "/calls/booking",
                                writer % 2 == 0
                                        ? "{\"action\":\"update\",\"policy\":{\"admission.max-concurrency\":"
                                                + (writer + 1) + ",\"admission.max-wait\":\"" + (writer + 1) + "s\"}}"
                                        : "{\"action\":\"update\",\"policy\":{\"retry.jitter\":0.1" + writer + "}}")
                        .statusCode()))
                .toList();
        for (CompletableFuture<Integer> writer : writers) {
            assertThat(writer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
        }

        var policy = registry.get("booking").policy();
        assertThat(policy.admission().maxWait().toSeconds())
                .isEqualTo(policy.admission().maxConcurrency().orElseThrow());
        assertThat(policy.retry().jitter()).isNotEqualTo(0.5);
    }
}
