package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.spring.SupervisedWorker;
import io.grip.supervisor.spring.SupervisionTreeCustomizer;
import io.grip.supervisor.spring.lifecycle.TreeLifecycle;
import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.FirstStart;
import io.grip.supervisor.tree.OnGiveUp;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.Spec;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.SupervisorSpec;
import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class SupervisionTreeAutoConfigurationTests {

    private static final String[] QUICK = quick("workers");

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorAutoConfiguration.class,
                    SupervisionTreeAutoConfiguration.class,
                    SupervisorEventAutoConfiguration.class));

    @Test
    void withoutWorkersThereIsNoTree() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(SupervisionTree.class)
                .doesNotHaveBean(TreeLifecycle.class));
    }

    @Test
    void withoutConfigurationAllWorkersAreChildrenOfOneTree() {
        runner.withUserConfiguration(Methods.class)
                .withBean("poller", Poller.class)
                .withPropertyValues("grip.supervisor.trees.workers.defaults.stop.grace=0s")
                .run(context -> {
                    SupervisionTree tree = context.getBean("gripTree.workers", SupervisionTree.class);

                    assertThat(tree.spec().strategy()).isEqualTo(RestartStrategy.ONE_FOR_ONE);
                    assertThat(tree.snapshot().children())
                            .extracting(ChildSnapshot::name)
                            .containsExactlyInAnyOrder("poller", "sweeper", "methods.withContext");
                    assertThat(context.getBean(Poller.class).entered.await(30, TimeUnit.SECONDS))
                            .isTrue();
                    assertThat(context.getBean(Methods.class).swept.await(30, TimeUnit.SECONDS))
                            .isTrue();
                    assertThat(tree.snapshot().children())
                            .extracting(ChildSnapshot::state)
                            .containsOnly(ChildState.RUNNING);
                });
    }

    @Test
    void theApplicationWorksWithoutActuatorAndMicrometer() {
        runner.withBean("poller", Poller.class)
                .withPropertyValues(QUICK)
                .withClassLoader(new FilteredClassLoader("io.micrometer", "org.springframework.boot.health"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(SupervisionTree.class));
    }

    @Test
    void closingTheContextEndsTheWorkers() {
        CountDownLatch ended = new CountDownLatch(1);
        runner.withPropertyValues(QUICK)
                .withBean("w", Worker.class, () -> worker -> {
                    try {
                        untilStopped(worker);
                    } finally {
                        ended.countDown();
                    }
                })
                .run(context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    ((ConfigurableApplicationContext) context.getSourceApplicationContext()).close();

                    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
                    assertThat(tree.snapshot().state()).isEqualTo(ChildState.STOPPED);
                });
    }

    @Test
    void whenSupervisionIsOffNoWorkerRuns() {
        runner.withBean("poller", Poller.class)
                .withPropertyValues("grip.supervisor.enabled=false")
                .run(context -> assertThat(context.getBean(SupervisionTree.class)
                                .snapshot()
                                .child("poller"))
                        .hasValueSatisfying(child -> assertThat(child.state()).isEqualTo(ChildState.REGISTERED)));
    }

    @Test
    void propertiesGiveStrategyOrderNestingAndEveryRule() {
        runner.withBean("reader", Worker.class, () -> SupervisionTreeAutoConfigurationTests::untilStopped)
                .withBean("connection", Worker.class, () -> SupervisionTreeAutoConfigurationTests::untilStopped)
                .withInitializer(context -> Yaml.addTo(context, """
                        grip.supervisor.trees:
                          shop:
                            strategy: one-for-all
                            phase: service
                            intensity: {max-restarts: 3, period: 1h}
                            defaults:
                              start: {settle: 0s}
                              restart: {jitter: 0.1, backoff: {initial: 50ms, max: 1s}}
                              stop: {grace: 0s, abandon-after: 7s}
                            children:
                              - name: ingest
                                strategy: rest-for-one
                                restart: {mode: on-failure}
                                children:
                                  - worker: connection
                                    restart:
                                      mode: never
                                      consecutive-failures: unlimited
                                      jitter: 0.2
                                      backoff: {type: fixed, initial: 1s}
                                      reset-after: 2m
                                      revive-after: none
                                      on-give-up: stop-supervisor
                                    start: {first: retry, timeout: 4s}
                                    stop: {grace: 1s}
                                    heartbeat: 9s
                                  - reader
                              - name: sessions
                                strategy: template
                                max-children: 5
                                template: {heartbeat: 3s}
                        """))
                .run(context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    SupervisorSpec root = tree.spec();
                    assertThat(root.name()).isEqualTo("shop");
                    assertThat(root.strategy()).isEqualTo(RestartStrategy.ONE_FOR_ALL);
                    assertThat(root.intensity())
                            .hasValueSatisfying(
                                    it -> assertThat(it.maxRestarts()).isEqualTo(3));
                    assertThat(root.children()).extracting(Spec::name).containsExactly("ingest", "sessions");

                    SupervisorSpec ingest = (SupervisorSpec) root.children().get(0);
                    assertThat(ingest.strategy()).isEqualTo(RestartStrategy.REST_FOR_ONE);
                    assertThat(ingest.restart().policy()).isEqualTo(RestartPolicy.ON_FAILURE);
                    assertThat(ingest.restart().jitter()).isEqualTo(0.1);

                    ChildSpec connection = (ChildSpec) ingest.children().get(0);
                    assertThat(connection.name()).isEqualTo("connection");
                    assertThat(connection.restart().policy()).isEqualTo(RestartPolicy.NEVER);
                    assertThat(connection.restart().consecutiveFailures()).isEqualTo(Integer.MAX_VALUE);
                    assertThat(connection.restart().jitter()).isEqualTo(0.2);
                    assertThat(connection.restart().backoff().delay(7)).isEqualTo(Duration.ofSeconds(1));
                    assertThat(connection.restart().resetAfter()).contains(Duration.ofMinutes(2));
                    assertThat(connection.restart().reviveAfter()).isEmpty();
                    assertThat(connection.restart().onGiveUp()).contains(OnGiveUp.STOP_SUPERVISOR);
                    assertThat(connection.start().first()).isEqualTo(FirstStart.RETRY);
                    assertThat(connection.start().timeout()).isEqualTo(Duration.ofSeconds(4));
                    assertThat(connection.stop().grace()).isEqualTo(Duration.ofSeconds(1));
                    assertThat(connection.stop().abandonAfter()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(connection.heartbeat()).contains(Duration.ofSeconds(9));

                    ChildSpec reader = (ChildSpec) ingest.children().get(1);
                    assertThat(reader.restart().backoff().delay(1)).isEqualTo(Duration.ofMillis(50));
                    assertThat(reader.restart().backoff().delay(99)).isEqualTo(Duration.ofSeconds(1));

                    SupervisorSpec sessions = (SupervisorSpec) root.children().get(1);
                    assertThat(sessions.maxChildren()).isEqualTo(5);
                    assertThat(sessions.template())
                            .hasValueSatisfying(
                                    template -> assertThat(template.heartbeat()).contains(Duration.ofSeconds(3)));
                    assertThat(context.getBean(TreeLifecycle.class).getPhase()).isEqualTo(Integer.MAX_VALUE - 4096);
                    assertThat(tree.spawn("sessions", SupervisionTreeAutoConfigurationTests::untilStopped)
                                    .toCompletableFuture()
                                    .get(30, TimeUnit.SECONDS)
                                    .path())
                            .startsWith("sessions/");
                });
    }

    @Test
    void whatTheAnnotationSaysHoldsUnlessThePropertiesSayOtherwise() {
        runner.withUserConfiguration(Annotated.class)
                .withPropertyValues(QUICK)
                .withPropertyValues(
                        "grip.supervisor.trees.workers.defaults.heartbeat=1h",
                        "grip.supervisor.trees.workers.children[0].worker=second",
                        "grip.supervisor.trees.workers.children[0].heartbeat=8s")
                .run(context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);
                    assertThat(tree.spec().children()).extracting(Spec::name).containsExactly("second", "first");
                    ChildSpec second = (ChildSpec) tree.spec().children().get(0);
                    assertThat(second.heartbeat()).contains(Duration.ofSeconds(8));
                    assertThat(second.start().first()).isEqualTo(FirstStart.RETRY);
                    ChildSpec first = (ChildSpec) tree.spec().children().get(1);
                    assertThat(first.heartbeat()).contains(Duration.ofSeconds(30));
                    assertThat(first.restart().policy()).isEqualTo(RestartPolicy.ON_FAILURE);
                    assertThat(first.start().awaitReady()).isTrue();
                });
    }

    @Test
    void aTreeWithoutChildrenOfItsOwnTakesTheWorkersWithoutAPlace() {
        runner.withBean("poller", Poller.class)
                .withPropertyValues(quick("shop"))
                .run(context -> assertThat(
                                context.getBean(SupervisionTree.class).spec())
                        .satisfies(spec -> assertThat(spec.name()).isEqualTo("shop"))
                        .satisfies(spec -> assertThat(spec.children())
                                .extracting(Spec::name)
                                .containsExactly("poller")));
    }

    @Test
    void aTreeOfTheApplicationsOwnFollowsTheContextToo() {
        runner.withUserConfiguration(OwnTree.class).run(context -> {
            SupervisionTree tree = context.getBean(SupervisionTree.class);
            assertThat(tree.name()).isEqualTo("mine");
            assertThat(tree.snapshot().state()).isEqualTo(ChildState.RUNNING);

            ((ConfigurableApplicationContext) context.getSourceApplicationContext()).close();
            assertThat(tree.snapshot().state()).isEqualTo(ChildState.STOPPED);
        });
    }

    @Test
    void customizersReachEachTreeOfTheProperties() {
        runner.withBean("poller", Poller.class)
                .withPropertyValues(QUICK)
                .withBean(
                        SupervisionTreeCustomizer.class,
                        () -> (name, builder) -> builder.child(
                                ChildSpec.of("extra-of-" + name, SupervisionTreeAutoConfigurationTests::untilStopped)
                                        .withSettle(Duration.ZERO)))
                .run(context -> assertThat(context.getBean(SupervisionTree.class)
                                .snapshot()
                                .child("extra-of-workers"))
                        .isPresent());
    }

    @Test
    void aBeanMayUseTheTreeItIsAPartOf() {
        runner.withUserConfiguration(UsesItsTree.class)
                .withPropertyValues(QUICK)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(SupervisionTree.class));
    }

    @Test
    void limitsAreSharedByAllTrees() {
        runner.withBean("poller", Poller.class)
                .withPropertyValues(QUICK)
                .withPropertyValues("grip.supervisor.tree-limits.burst=7")
                .run(context -> assertThat(context).hasBean("gripTreeLimits"));
    }

    private static String[] quick(String tree) {
        String defaults = "grip.supervisor.trees." + tree + ".defaults.";
        return new String[] {defaults + "start.settle=0s", defaults + "stop.grace=0s"};
    }

    static void untilStopped(WorkerContext context) {
        untilStopped();
    }

    private static void untilStopped() {
        CountDownLatch never = new CountDownLatch(1);
        try {
            never.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnTree {
        @Bean
        SupervisionTree mine() {
            return SupervisionTree.builder("mine")
                    .child(ChildSpec.of("w", SupervisionTreeAutoConfigurationTests::untilStopped)
                            .withSettle(Duration.ZERO)
                            .withStop(Duration.ZERO, Duration.ofSeconds(5)))
                    .build();
        }
    }

    static class UsesItsTree {
        UsesItsTree(SupervisionTree tree) {
            assertThat(tree.name()).isEqualTo("workers");
        }

        @SupervisedWorker
        void work(WorkerContext context) {
            untilStopped(context);
        }
    }

    static class Poller implements Worker {
        final CountDownLatch entered = new CountDownLatch(1);

        @Override
        public void run(WorkerContext context) {
            entered.countDown();
            untilStopped(context);
        }
    }

    @Configuration(value = "methods", proxyBeanMethods = false)
    static class Methods {
        final CountDownLatch swept = new CountDownLatch(1);

        @SupervisedWorker("sweeper")
        void sweep() {
            swept.countDown();
            untilStopped();
        }

        @SupervisedWorker
        protected void withContext(WorkerContext context) {
            untilStopped(context);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Annotated {
        @Bean
        @SupervisedWorker(name = "first", heartbeat = "30s", restart = RestartPolicy.ON_FAILURE, awaitReady = true)
        Worker one() {
            return context -> {
                context.ready();
                context.idle();
                untilStopped(context);
            };
        }

        @Bean
        @SupervisedWorker(name = "second", heartbeat = "20s", optional = true)
        Worker two() {
            return SupervisionTreeAutoConfigurationTests::untilStopped;
        }
    }
}
