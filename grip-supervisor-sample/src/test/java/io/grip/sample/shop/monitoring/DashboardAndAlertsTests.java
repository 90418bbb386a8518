package io.grip.sample.shop.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.sample.shop.ShopTest;
import io.grip.supervisor.spring.SupervisedWorker;
import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.yaml.snakeyaml.Yaml;

/** Every metric, label and label value that the dashboard and the alerts of docs/ name is there on the shop's scrape. */
@ShopTest
@TestPropertySource(
        properties = "management.metrics.distribution.percentiles-histogram.[grip.supervisor.executions]=true")
class DashboardAndAlertsTests {

    private static final Path DOCS = Path.of("..", "docs");

    /** What Prometheus itself adds to everything that it scrapes. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    private static final Pattern PLAIN_WORDS = Pattern.compile("[\\w|]+");

    /** So that there is a tree, whatever the shop has of its own. */
    @TestConfiguration(proxyBeanMethods = false)
    static class WithATree {

        @Bean
        Idle idle() {
            return new Idle();
        }
    }

    @SupervisedWorker("idle")
    static class Idle implements Worker {

        @Override
        public void run(WorkerContext context) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    @Autowired
    private RestTestClient shop;

    private Map<String, List<Map<String, String>>> samples;

    @BeforeEach
    void scrape() {
        String scrape = shop.get()
                .uri("/actuator/prometheus")
                .exchange()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
        samples = PromQl.samplesOf(Objects.requireNonNull(scrape));
    }

    @Test
    void theDashboardNamesWhatIsThere() throws IOException {
        List<String> expressions = dashboardExpressions();

        assertThat(expressions).hasSizeGreaterThan(20);
        assertThat(problems(expressions)).isEmpty();
    }

    @Test
    void theAlertsNameWhatIsThere() throws IOException {
        List<Map<String, Object>> alerts = alerts();

        assertThat(alerts).hasSizeGreaterThan(5);
        assertThat(problems(
                        alerts.stream().map(alert -> (String) alert.get("expr")).toList()))
                .isEmpty();
    }

    /** An alert's text may use a label only if the expression leaves it on the result. */
    @Test
    void theAlertsTellWhatToDoWithLabelsThatTheyHave() throws IOException {
        assertThat(alerts()).allSatisfy(alert -> {
            Map<?, ?> texts = (Map<?, ?>) alert.get("annotations");
            assertThat(alert.get("alert")).asString().startsWith("Grip");
            assertThat(texts.get("description")).asString().hasSizeGreaterThan(100);
            assertThat(texts.get("summary")).asString().contains("$labels.");
            assertThat(labelsLeftBy((String) alert.get("expr"))).containsAll(labelsUsedBy(texts.values() + ""));
        });
    }

    @Test
    void thePagesOfTheDocumentationNameWhatIsThere() throws IOException {
        List<String> expressions = new ArrayList<>();
        Matcher block = Pattern.compile("Some questions as PromQL:\\s*```text\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(DOCS.resolve("metrics.md")));
        while (block.find()) {
            expressions.addAll(
                    List.of(block.group(1).replaceAll("(?m)^#.*$", "").split("\\n\\s*\\n")));
        }

        assertThat(expressions).hasSizeGreaterThan(2);
        assertThat(problems(expressions)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rate(grip_supervisor_retrys_total[5m])",
                "grip_supervisor_in_flight / grip_supervisor_admission_limits",
                "sum by (supervisors) (grip_supervisor_in_flight)",
                "sum(grip_supervisor_in_flight) by (supervisors)",
                "grip_supervisor_in_flight{policy=\"payment\"}",
                "grip_supervisor_in_flight{job=\"shop\",policy=~\"$policy\"}",
                "grip_supervisor_attempts_seconds_count{outcome=\"failed\"}",
                "sum by (tree, supervisor) (grip_supervisor_child_abandoned)",
                "grip_supervisor_attempts_seconds_count{outcome=~\"failure|timeouts\"}",
                "histogram_quantile(0.99, sum by (le) (rate(grip_supervisor_backoff_seconds_bucket[5m])))",
                "grip_supervisor_in_flight and on (child) grip_supervisor_admission_limit"
            })
    void aWrongNameIsFound(String expression) {
        assertThat(problems(List.of(expression))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum by (job, supervisor) (rate(grip_supervisor_retries_total{supervisor=~\"$supervisor\"}[5m])) > 0.5",
                "sum(grip_supervisor_in_flight) by (instance) unless grip_supervisor_in_flight == bool 1e3",
                "grip_supervisor_attempts_seconds_count{outcome!=\"success\"} offset 5m"
            })
    void aRightNameIsNot(String expression) {
        assertThat(problems(List.of(expression))).isEmpty();
    }

    // ---------------------------------------------------------------- what is wrong

    private List<String> problems(List<String> expressions) {
        return expressions.stream()
                .flatMap(expression -> problems(PromQl.parse(expression)).map(problem -> problem + " in " + expression))
                .toList();
    }

    private Stream<String> problems(PromQl expression) {
        if (expression.selectors.isEmpty()) {
            return Stream.of("no metric");
        }
        return Stream.concat(
                expression.selectors.stream().flatMap(this::problems),
                expression.labels.stream()
                        .filter(label -> expression.selectors.stream().noneMatch(it -> hasLabel(it.name(), label)))
                        .map(label -> "no label " + label));
    }

    private Stream<String> problems(PromQl.Selector selector) {
        if (!samples.containsKey(selector.name())) {
            return Stream.of("no metric " + selector.name());
        }
        return selector.matched().stream()
                .filter(matched -> !OF_PROMETHEUS.contains(matched.label()))
                .flatMap(matched -> !hasLabel(selector.name(), matched.label())
                        ? Stream.of("no label " + matched.label() + " of " + selector.name())
                        : valuesOf(matched)
                                .filter(value -> !hasValue(selector.name(), matched.label(), value))
                                .map(value -> "no " + matched.label() + "=" + value + " of " + selector.name()));
    }

    /** The values that have to be there; none of a variable or a real pattern. */
    private static Stream<String> valuesOf(PromQl.Matched matched) {
        return PLAIN_WORDS.matcher(matched.value()).matches()
                ? Arrays.stream(matched.value().split("\\|"))
                : Stream.empty();
    }

    private boolean hasLabel(String metric, String label) {
        return OF_PROMETHEUS.contains(label)
                || samples.getOrDefault(metric, List.of()).stream().anyMatch(it -> it.containsKey(label));
    }

    private boolean hasValue(String metric, String label, String value) {
        return samples.get(metric).stream().anyMatch(it -> value.equals(it.get(label)));
    }

    // ---------------------------------------------------------------- what is said

    /** Of panels and variables: everything that stands behind {@code expr} or {@code query}. */
    private static List<String> dashboardExpressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        collect(yaml(DOCS.resolve("grafana/grip-supervisor.json")), expressions);
        return expressions;
    }

    private static void collect(Object node, List<String> expressions) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (value instanceof String text && key.equals("expr")) {
                    expressions.add(text);
                } else if (value instanceof String text && key.equals("query") && text.startsWith("label_values(")) {
                    expressions.add(asGrouping(text));
                } else {
                    collect(value, expressions);
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(element -> collect(element, expressions));
        }
    }

    /** Grafana's {@code label_values(metric, label)} in PromQL. */
    private static String asGrouping(String labelValues) {
        int comma = labelValues.lastIndexOf(',');
        String metric = labelValues.substring("label_values(".length(), comma);
        String label =
                labelValues.substring(comma + 1, labelValues.length() - 1).trim();
        return "group by (" + label + ") (" + metric + ")";
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> alerts() throws IOException {
        List<Map<String, Object>> groups = (List<Map<String, Object>>)
                yaml(DOCS.resolve("prometheus/grip-supervisor-alerts.yml")).get("groups");
        return groups.stream()
                .flatMap(group -> ((List<Map<String, Object>>) group.get("rules")).stream())
                .toList();
    }

    /** JSON is YAML. */
    private static Map<String, Object> yaml(Path file) throws IOException {
        return new LinkedHashMap<>(new Yaml().load(Files.readString(file)));
    }

    private Set<String> labelsLeftBy(String expression) {
        PromQl parsed = PromQl.parse(expression);
        Set<String> left = parsed.labels;
        if (left.isEmpty()) {
            samples.get(parsed.selectors.get(0).name()).forEach(labels -> left.addAll(labels.keySet()));
            left.addAll(OF_PROMETHEUS);
        }
        return left;
    }

    private static List<String> labelsUsedBy(String text) {
        return Pattern.compile("\\$labels\\.(\\w+)")
                .matcher(text)
                .results()
                .map(label -> label.group(1))
                .toList();
    }
}
