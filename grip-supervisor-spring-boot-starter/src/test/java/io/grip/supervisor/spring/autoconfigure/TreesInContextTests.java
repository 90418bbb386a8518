package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.spring.event.SupervisionTreeEvent;
import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeEvent;
import io.grip.supervisor.tree.Worker;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;

/** Trees with what an application has around them: lifecycle, availability, health, events and meters. */
class TreesInContextTests {

    private static final String SHOP = """
            grip.supervisor.trees:
              shop:
                strategy: one-for-all
                defaults:
                  start: {settle: 0s, first: retry}
                  stop: {grace: 0s}
                  restart: {consecutive-failures: 2, jitter: 0, backoff: {type: fixed, initial: 1ms}}
            """;

    private final AtomicInteger alive = new AtomicInteger();
    private final CountDownLatch fail = new CountDownLatch(1);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorAutoConfiguration.class,
                    SupervisionTreeAutoConfiguration.class,
                    SupervisorEventAutoConfiguration.class,
                    SupervisorMetricsAutoConfiguration.class,
                    SupervisionHealthAutoConfiguration.class))
            .withBean(ApplicationAvailability.class, ApplicationAvailabilityBean::new);

    private Worker steady() {
        return context -> {
            alive.incrementAndGet();
            try {
                new CountDownLatch(1).await();
            } finally {
                alive.decrementAndGet();
            }
        };
    }

    private Worker failing() {
        return context -> {
            fail.await();
            throw new IllegalStateException("broken");
        };
    }

    private void whenTheRootGivesUp(String rootAction, ContextConsumer<AssertableApplicationContext> then) {
        runner.withBean("worker", Worker.class, this::failing)
                .withInitializer(context -> Yaml.addTo(context, SHOP + "    root-action: " + rootAction))
                .run(context -> {
                    fail.countDown();
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    await().atMost(30, TimeUnit.SECONDS)
                            .until(() -> tree.snapshot().state() == ChildState.FAILED);
                    then.accept(context);
                });
    }

    @Test
    @DisplayName("123: pause and restart of the context bring the same tree back, counters reset, nothing twice")
    void pauseAndRestartOfTheContextBringTheSameTreeBack() {
        runner.withBean("a", Worker.class, this::steady)
                .withBean("b", Worker.class, this::steady)
                .withInitializer(context -> Yaml.addTo(context, SHOP))
                .run(context -> {
                    ConfigurableApplicationContext itself =
                            (ConfigurableApplicationContext) context.getSourceApplicationContext();
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    await().atMost(30, TimeUnit.SECONDS).until(() -> alive.get() == 2);

                    itself.pause();
                    assertThat(alive).hasValue(0);
                    assertThat(tree.snapshot().state()).isEqualTo(ChildState.STOPPED);
                    itself.restart();
                    await().atMost(30, TimeUnit.SECONDS).until(() -> alive.get() == 2);

                    assertThat(tree.snapshot().children())
                            .extracting(ChildSnapshot::name, ChildSnapshot::state, ChildSnapshot::starts)
                            .containsExactly(tuple("a", ChildState.RUNNING, 1L), tuple("b", ChildState.RUNNING, 1L));
                });
        assertThat(alive).hasValue(0);
    }

    @Test
    void aRootThatGaveUpTakesReadinessAndLeavesLiveness() {
        whenTheRootGivesUp("{type: down}", context -> {
            ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> availability.getReadinessState() == ReadinessState.REFUSING_TRAFFIC);
            assertThat(availability.getLastChangeEvent(LivenessState.class)).isNull();
            assertThat(context.getBean("gripTreesHealthIndicator", HealthIndicator.class)
                            .health()
                            .getStatus())
                    .isEqualTo(Status.DOWN);
        });
    }

    @Test
    void aRootThatGaveUpBreaksLivenessOnlyWhereThatWasChosen() {
        whenTheRootGivesUp("{type: mark-broken}", context -> {
            ApplicationAvailability availability = context.getBean(ApplicationAvailability.class);
            await().atMost(30, TimeUnit.SECONDS).until(() -> availability.getLivenessState() == LivenessState.BROKEN);
        });
    }

    @Test
    void aRootThatGaveUpClosesTheContextWhereThatWasChosen() {
        whenTheRootGivesUp(
                "{type: close-context}",
                context -> await().atMost(30, TimeUnit.SECONDS)
                        .until(() ->
                                !((ConfigurableApplicationContext) context.getSourceApplicationContext()).isActive()));
    }

    @Test
    void aRootThatGaveUpOnlyShowsInHealthWhereThatWasChosen() {
        whenTheRootGivesUp("{type: log}", context -> {
            assertThat(context.getBean("gripTreesHealthIndicator", HealthIndicator.class)
                            .health()
                            .getStatus())
                    .isEqualTo(Status.DOWN);
        });
    }

    @Test
    void eventsGoToWhoeverListensToTheirKind() {
        runner.withBean("worker", Worker.class, this::failing)
                .withBean(Listener.class)
                .withInitializer(context -> Yaml.addTo(context, SHOP))
                .run(context -> {
                    fail.countDown();
                    Listener listener = context.getBean(Listener.class);
                    await().atMost(30, TimeUnit.SECONDS).until(() -> !listener.gaveUp.isEmpty());
                    assertThat(listener.gaveUp).singleElement().satisfies(event -> {
                        assertThat(event.tree()).isEqualTo("shop");
                        assertThat(event.happened().path()).isEqualTo("worker");
                        assertThat(event.happened().cause())
                                .hasValueSatisfying(cause -> assertThat(cause).hasMessage("broken"));
                    });
                });
    }

    @Test
    void theNumbersOfChildrenStandOnAPrometheusScrape() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        runner.withBean(PrometheusMeterRegistry.class, () -> prometheus)
                .withBean("a", Worker.class, this::steady)
                .withBean("flaky", Worker.class, this::failing)
                .withInitializer(context -> Yaml.addTo(context, """
                        grip.supervisor.trees:
                          shop:
                            defaults:
                              start: {settle: 0s}
                              stop: {grace: 0s}
                              restart: {consecutive-failures: 2, jitter: 0, backoff: {type: fixed, initial: 1ms}}
                            children:
                              - a
                              - {name: inner, children: [flaky]}
                              - {name: sessions, strategy: template}
                        """))
                .run(context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    assertThat(prometheus.scrape())
                            .contains(
                                    "grip_supervisor_child_failures_total{child=\"a\",reason=\"crash\",tree=\"shop\"} 0.0")
                            .contains("grip_supervisor_tree_events_dropped_total{tree=\"shop\"} 0.0");
                    fail.countDown();
                    for (int i = 0; i < 3; i++) {
                        tree.spawn("sessions", steady()).toCompletableFuture().get(30, TimeUnit.SECONDS);
                    }
                    await().atMost(30, TimeUnit.SECONDS)
                            .until(
                                    () -> prometheus
                                            .scrape()
                                            .contains(
                                                    "grip_supervisor_child_giveups_total{child=\"inner/flaky\",tree=\"shop\"} 1.0"));
                    await().atMost(30, TimeUnit.SECONDS)
                            .untilAsserted(() -> assertThat(prometheus.scrape())
                                    .contains(
                                            "grip_supervisor_child_state{child=\"a\",state=\"running\",tree=\"shop\"} 1.0")
                                    .contains(
                                            "grip_supervisor_child_state{child=\"/\",state=\"running\",tree=\"shop\"} 1.0")
                                    .contains(
                                            "grip_supervisor_child_state{child=\"inner/flaky\",state=\"failed\",tree=\"shop\"} 1.0")
                                    .contains(
                                            "grip_supervisor_child_state{child=\"sessions/*\",state=\"running\",tree=\"shop\"} 3.0")
                                    .contains(
                                            "grip_supervisor_child_restarts_total{child=\"inner/flaky\",tree=\"shop\"} 2.0")
                                    .contains(
                                            "grip_supervisor_child_failures_total{child=\"inner/flaky\",reason=\"crash\",tree=\"shop\"} 3.0")
                                    .contains("grip_supervisor_child_abandoned{child=\"a\",tree=\"shop\"} 0.0")
                                    .contains("grip_supervisor_child_down_seconds{child=\"a\",tree=\"shop\"} 0.0")
                                    .containsPattern(
                                            "grip_supervisor_child_down_seconds\\{child=\"inner/flaky\",tree=\"shop\"} (?!0\\.0\\n)\\d")
                                    .contains("grip_supervisor_tree_restarts_waiting 0.0")
                                    .contains("grip_supervisor_tree_restarts_underway 0.0")
                                    .contains("grip_supervisor_tree_abandoned 0.0"));
                    assertThat(children(prometheus.scrape()))
                            .containsOnly("/", "a", "inner", "inner/flaky", "sessions", "sessions/*");
                });
    }

    private static List<String> children(String scrape) {
        return scrape.lines()
                .filter(line -> line.contains("child=\""))
                .map(line -> line.replaceAll(".*child=\"([^\"]*)\".*", "$1"))
                .distinct()
                .toList();
    }

    static class Listener {
        final Queue<SupervisionTreeEvent<TreeEvent.GaveUp>> gaveUp = new ConcurrentLinkedQueue<>();

        @EventListener
        void on(SupervisionTreeEvent<TreeEvent.GaveUp> event) {
            gaveUp.add(event);
        }
    }
}
