package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.Attempts;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisedWorker;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.tree.SupervisionTree;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

/** An application processed ahead of time, its generated code compiled and run with the properties of another day. */
class AheadOfTimeTests {

    private static final Map<String, Object> BUILD = Map.of(
            "grip.supervisor.policies.payment.retry.max-attempts", "4",
            "grip.supervisor.policies.payment.retry.retry-on",
                    "java.io.IOException, java.util.concurrent.TimeoutException",
            "grip.supervisor.policies.payment.deadline.timeout", "${PAYMENT_TIMEOUT}",
            "grip.supervisor.defaults.retry.never-on", "java.lang.IllegalStateException");

    @Test
    @CompileWithForkedClassLoader
    void policiesAreThoseOfTheRunTime() {
        run(
                Map.of(
                        "grip.supervisor.policies.payment.retry.max-attempts", "2",
                        "grip.supervisor.policies.shipment.retry.max-attempts", "6",
                        "grip.supervisor.policies.refund.retry.max-attempts", "6"),
                context -> {
                    SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);

                    assertThat(registry.names()).containsExactly("payment", "refund", "shipment");
                    assertThat(context.getBean("gripSupervisor.shipment")).isSameAs(registry.get("shipment"));
                    assertThat(context.getBean("ownRefund")).isSameAs(registry.get("refund"));
                    assertThat(context.getBean(AsksByQualifier.class).injected)
                            .isSameAs(registry.get("payment"))
                            .extracting(payment -> payment.policy().retry().maxAttempts())
                            .isEqualTo(Attempts.atMost(2));
                    assertThat(context.getBean(Till.class).charge(7)).isEqualTo("invoice for 7: attempt 2 failed");
                });
    }

    @Test
    @CompileWithForkedClassLoader
    void supervisionIsSwitchedOffAtRunTime() {
        run(
                Map.of("grip.supervisor.enabled", "false", "grip.supervisor.policies.payment.retry.max-attempts", "5"),
                context -> {
                    assertThat(context.getBean(AsksByQualifier.class).injected.policy())
                            .isEqualTo(SupervisorPolicy.none());
                    assertThatThrownBy(() -> context.getBean(Till.class).charge(7))
                            .hasMessage("attempt 1 failed");
                });
    }

    @Test
    @CompileWithForkedClassLoader
    void workersRunInTheTreesOfTheEnvironmentAtRunTime() {
        run(
                Map.of(
                        "grip.supervisor.trees.shop.phase", "7",
                        "grip.supervisor.policies.payment.retry.max-attempts", "2"),
                context -> {
                    SupervisionTree tree = context.getBean(SupervisionTree.class);

                    assertThat(tree.name()).isEqualTo("shop");
                    assertThat(tree.ended("sweeper").toCompletableFuture())
                            .succeedsWithin(Duration.ofSeconds(30))
                            .matches(end -> end.failure().isEmpty());
                    assertThat(context.getBean(Sweeper.class).swept.getCount()).isZero();
                });
    }

    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    class Hints {

        private final RuntimeHints hints = hints();

        @Test
        void theTypesThatThePropertiesNameCanBeFoundByName() {
            assertThat(List.of(IOException.class, TimeoutException.class, IllegalStateException.class))
                    .allMatch(type ->
                            RuntimeHintsPredicates.reflection().onType(type).test(hints));
            assertThat(RuntimeHintsPredicates.reflection()
                            .onType(InterruptedException.class)
                            .test(hints))
                    .isFalse();
        }

        @Test
        void theWordsForNoLimitCanBeRead() throws Exception {
            for (Class<?> limit : List.of(DurationLimit.class, CountLimit.class, AttemptLimit.class)) {
                for (Class<?> written : List.of(String.class, Integer.class, Long.class)) {
                    assertThat(RuntimeHintsPredicates.reflection()
                                    .onMethodInvocation(limit.getMethod("of", written))
                                    .test(hints))
                            .isTrue();
                }
            }
        }

        @Test
        void fallbacksCanBeCalled() throws Exception {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(Till.class.getDeclaredMethod("invoice", int.class, Throwable.class))
                            .test(hints))
                    .isTrue();
        }

        @Test
        void workersCanBeCalled() throws Exception {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(Sweeper.class.getDeclaredMethod("sweep"))
                            .test(hints))
                    .isTrue();
        }

        @Test
        void treesCanBeRead() throws Exception {
            assertThat(TreeProperties.class.getDeclaredClasses())
                    .hasSize(8)
                    .allMatch(type -> RuntimeHintsPredicates.reflection()
                            .onConstructorInvocation(type.getDeclaredConstructors()[0])
                            .test(hints));
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(TreeProperties.Child.class.getMethod("of", String.class))
                            .test(hints))
                    .isTrue();
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(TreePhase.class.getMethod("of", String.class))
                            .test(hints))
                    .isTrue();
        }

        @Test
        void theRecordsOfThePropertiesCanBeMade() {
            assertThat(GripSupervisorProperties.class.getDeclaredClasses())
                    .filteredOn(Class::isRecord)
                    .hasSizeGreaterThanOrEqualTo(8)
                    .allMatch(type -> RuntimeHintsPredicates.reflection()
                            .onConstructorInvocation(type.getDeclaredConstructors()[0])
                            .test(hints));
        }

        private static RuntimeHints hints() {
            TestGenerationContext generation = new TestGenerationContext();
            processed(generation);
            return generation.getRuntimeHints();
        }
    }

    @SuppressWarnings("unchecked")
    private static void run(Map<String, Object> properties, Consumer<GenericApplicationContext> inspection) {
        TestGenerationContext generation = new TestGenerationContext();
        ClassName entry = processed(generation);
        TestCompiler.forSystem().with(generation).compile(compiled -> {
            try (GenericApplicationContext context = new GenericApplicationContext()) {
                add(properties, context.getEnvironment());
                compiled.getInstance(ApplicationContextInitializer.class, entry.canonicalName())
                        .initialize(context);
                context.refresh();
                inspection.accept(context);
            }
        });
    }

    private static ClassName processed(TestGenerationContext generation) {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            add(BUILD, context.getEnvironment());
            context.register(App.class);
            ClassName entry = new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
            generation.writeGeneratedContent();
            return entry;
        }
    }

    private static void add(Map<String, Object> properties, ConfigurableEnvironment environment) {
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        SupervisorAutoConfiguration.class,
        SupervisedMethodAutoConfiguration.class,
        SupervisorEventAutoConfiguration.class,
        SupervisorLifecycleAutoConfiguration.class,
        SupervisionTreeAutoConfiguration.class,
        SupervisorMetricsAutoConfiguration.class,
        TaskExecutionAutoConfiguration.class
    })
    static class App {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        @Qualifier("refund")
        Supervisor ownRefund() {
            return Supervisor.builder("own").build();
        }

        @Bean
        Sweeper sweeper() {
            return new Sweeper();
        }

        @Bean
        Till till() {
            return new Till();
        }

        @Bean
        AsksByQualifier asks(@Qualifier("payment") Supervisor injected) {
            return new AsksByQualifier(injected);
        }
    }

    static class AsksByQualifier {

        final Supervisor injected;

        AsksByQualifier(Supervisor injected) {
            this.injected = injected;
        }
    }

    static class Sweeper {

        private final CountDownLatch swept = new CountDownLatch(1);

        @SupervisedWorker(name = "sweeper", optional = true, restart = RestartPolicy.ON_FAILURE)
        void sweep() {
            swept.countDown();
        }
    }

    static class Till {

        private final AtomicInteger attempts = new AtomicInteger();

        @Supervised(policy = "payment", fallback = "invoice")
        String charge(int amount) {
            throw new IllegalArgumentException("attempt " + attempts.incrementAndGet() + " failed");
        }

        private String invoice(int amount, Throwable why) {
            return "invoice for " + amount + ": " + why.getMessage();
        }
    }
}
