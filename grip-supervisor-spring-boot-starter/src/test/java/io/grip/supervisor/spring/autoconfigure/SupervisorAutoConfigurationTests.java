package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.Attempts;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.client.HttpClientErrorException;

class SupervisorAutoConfigurationTests {

    private final ApplicationContextRunner contextRunner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ours()));

    private static Class<?>[] ours() {
        return StreamSupport.stream(
                        ImportCandidates.load(AutoConfiguration.class, null).spliterator(), false)
                .filter(name -> name.startsWith("io.grip."))
                .map(name -> org.springframework.util.ClassUtils.resolveClassName(name, null))
                .toArray(Class[]::new);
    }

    @Test
    void withoutAnyPropertyThereIsARegistryAndNoSupervisor() {
        contextRunner.run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(SupervisorRegistry.class);
            assertThat(context).doesNotHaveBean(Supervisor.class);
            assertThat(context.getBean(SupervisorRegistry.class).names()).isEmpty();
        });
    }

    @Test
    void theSupervisorOfAPolicyIsABeanAndTheOneOfTheRegistry() {
        contextRunner
                .withPropertyValues(
                        "grip.supervisor.policies.payment.retry.max-attempts=4",
                        "grip.supervisor.policies.my-pol.thread=own")
                .withUserConfiguration(AsksByQualifier.class)
                .run(context -> {
                    SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);
                    Supervisor payment = context.getBean("gripSupervisor.payment", Supervisor.class);

                    assertThat(registry.names()).containsExactly("my-pol", "payment");
                    assertThat(payment.name()).isEqualTo("payment");
                    assertThat(payment.policy().retry().maxAttempts()).isEqualTo(Attempts.atMost(4));
                    assertThat(payment)
                            .isSameAs(registry.get("payment"))
                            .isSameAs(registry.obtain("payment", "payment"))
                            .isSameAs(context.getBean(AsksByQualifier.class).injected);
                    assertThat(context.getBean("gripSupervisor.my-pol"))
                            .isSameAs(registry.get("myPol"))
                            .isSameAs(registry.obtain("MY_POL", "mypol"));
                });
    }

    @Test
    void anotherNameGetsASupervisorOfItsOwnWithThePolicyItAsksFor() {
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.retry.max-attempts=4")
                .run(context -> {
                    SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);
                    Supervisor refund = registry.obtain("refund", "payment");
                    Supervisor plain = registry.obtain("Shop.ship", "defaults");

                    assertThat(refund).isSameAs(registry.get("refund")).isNotSameAs(registry.get("payment"));
                    assertThat(refund.policy())
                            .isEqualTo(registry.get("payment").policy());
                    assertThat(plain.policy().retry().maxAttempts()).isEqualTo(Attempts.atMost(3));
                    assertThat(registry.names()).containsExactly("Shop.ship", "payment", "refund");
                });
    }

    @Test
    void aNameThatNobodyMadeIsAnsweredWithTheNearestOne() {
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.thread=caller")
                .run(context -> assertThatThrownBy(
                                () -> context.getBean(SupervisorRegistry.class).get("paymet"))
                        .isInstanceOf(SupervisionConfigurationException.class)
                        .hasMessageContaining("There is no supervisor 'paymet'; the nearest known one is 'payment'."));
    }

    @Test
    void supervisorsAreClosedWithTheContext() {
        List<Supervisor> supervisors = new ArrayList<>();
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.thread=caller")
                .run(context -> {
                    supervisors.add(context.getBean(Supervisor.class));
                    supervisors.add(context.getBean(SupervisorRegistry.class).obtain("refund", "payment"));
                    assertThat(supervisors).allMatch(open -> open.run(x -> 1).isSuccess());
                });

        assertThat(supervisors)
                .allSatisfy(closed ->
                        assertThatThrownBy(() -> closed.call(x -> 1)).isInstanceOf(SupervisorShutdownException.class));
    }

    @Test
    void aChildContextHasSupervisorsOfItsOwnAndLeavesThoseOfItsParentOpen() {
        ApplicationContextRunner either =
                contextRunner.withPropertyValues("grip.supervisor.policies.payment.thread=caller");
        either.run(parent -> {
            Supervisor payment = parent.getBean(Supervisor.class);

            either.withParent(parent)
                    .withUserConfiguration(AsksByQualifier.class)
                    .run(child -> assertThat(child.getBean(AsksByQualifier.class).injected)
                            .isSameAs(child.getBean(SupervisorRegistry.class).get("payment"))
                            .isNotSameAs(payment));

            assertThat(payment.run(x -> 1).isSuccess()).isTrue();
        });
    }

    @Test
    void switchedOffASupervisorMakesOneAttemptAndIsStillThere() {
        AtomicInteger attempts = new AtomicInteger();
        contextRunner
                .withPropertyValues(
                        "grip.supervisor.enabled=false",
                        "grip.supervisor.policies.payment.retry.max-attempts=4",
                        "grip.supervisor.policies.payment.admission.max-concurrency=1")
                .withUserConfiguration(AsksByQualifier.class, Customizers.class)
                .run(context -> {
                    Supervisor payment = context.getBean(AsksByQualifier.class).injected;
                    IllegalStateException failure = new IllegalStateException();

                    assertThat(payment.policy()).isEqualTo(SupervisorPolicy.none());
                    assertThatThrownBy(() -> payment.call(x -> {
                                attempts.incrementAndGet();
                                throw failure;
                            }))
                            .isSameAs(failure);
                    assertThat(attempts).hasValue(1);
                });
    }

    @Test
    void customizersReachEachSupervisorInTheirOrderAndAfterOurs() {
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.retry.max-attempts=4")
                .withUserConfiguration(Customizers.class)
                .run(context -> {
                    context.getBean(SupervisorRegistry.class).obtain("refund", "payment");

                    assertThat(context.getBean(Customizers.class).calls)
                            .containsExactly("first payment", "second payment", "first refund", "second refund");
                    assertThat(context.getBean("gripSupervisor.payment", Supervisor.class)
                                    .policy()
                                    .retry()
                                    .maxAttempts())
                            .isEqualTo(Attempts.atMost(2));
                });
    }

    @Test
    void aRegistryOfTheApplicationTakesThePlaceOfOurs() {
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.thread=caller")
                .withUserConfiguration(OwnRegistry.class)
                .run(context -> {
                    assertThat(context).hasSingleBean(SupervisorRegistry.class);
                    assertThat(context.getBean("gripSupervisor.payment"))
                            .isSameAs(context.getBean(OwnRegistry.class).only);
                });
    }

    @ParameterizedTest
    @ValueSource(
            classes = {OwnByQualifier.class, OwnByName.class, OwnByFullName.class, OwnByQualifierInAnotherSpelling.class
            })
    void aSupervisorOfTheApplicationTakesThePlaceOfItsPolicys(Class<?> configuration) {
        contextRunner
                .withPropertyValues(
                        "grip.supervisor.policies.my-pol.retry.max-attempts=4",
                        "grip.supervisor.policies.other.retry.max-attempts=4")
                .withUserConfiguration(configuration)
                .run(context -> {
                    SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);

                    assertThat(context.getBeansOfType(Supervisor.class)).hasSize(2);
                    assertThat(registry.get("my-pol"))
                            .isSameAs(registry.obtain("my-pol", "my-pol"))
                            .isSameAs(registry.get("myPol"))
                            .isNotSameAs(context.getBean("gripSupervisor.other"))
                            .satisfies(own -> assertThat(own.name()).isEqualTo("own"));
                    assertThat(context.getBeansOfType(Supervisor.class)).containsValue(registry.get("my-pol"));
                });
    }

    @Test
    void aSupervisorOfTheApplicationNeedsNoPolicyInTheProperties() {
        contextRunner.withUserConfiguration(OwnByQualifier.class).run(context -> {
            SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);

            assertThat(registry.obtain("my-pol", "my-pol"))
                    .isSameAs(registry.get("my-pol"))
                    .isSameAs(context.getBean(Supervisor.class));
        });
    }

    @Test
    void theApplicationTaskExecutorSurvivesAndCarriesWhatFollowsAWait() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(
                        TaskExecutionAutoConfiguration.class, TaskSchedulingAutoConfiguration.class))
                .withPropertyValues(
                        "spring.task.execution.thread-name-prefix=boots-",
                        "grip.supervisor.policies.payment.retry.backoff.type=none")
                .run(context -> {
                    assertThat(context).hasBean("applicationTaskExecutor");
                    assertThat(threadOfSecondAttempt(context.getBean(Supervisor.class)))
                            .startsWith("boots-");
                });
    }

    @Test
    void anotherExecutorOfTheApplicationIsLeftAlone() {
        contextRunner
                .withUserConfiguration(OwnExecutor.class)
                .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                .withPropertyValues("grip.supervisor.policies.payment.retry.backoff.type=none")
                .run(context -> {
                    assertThat(context).doesNotHaveBean("applicationTaskExecutor");
                    assertThat(threadOfSecondAttempt(context.getBean(Supervisor.class)))
                            .isNotEqualTo("own executor");
                });
    }

    @Test
    void nothingOfOursIsAnExecutorOrAClock() {
        contextRunner
                .withPropertyValues("grip.supervisor.policies.payment.thread=own")
                .run(context -> {
                    assertThat(context).doesNotHaveBean(Executor.class).doesNotHaveBean(ScheduledExecutorService.class);
                    assertThat(context).doesNotHaveBean(java.time.InstantSource.class);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.micrometer",
                "io.micrometer.context",
                "io.micrometer.tracing",
                "io.micrometer.observation",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health",
                "org.springframework.boot.micrometer",
                "reactor",
                "org.reactivestreams",
                "jakarta.validation",
                "org.springframework.web",
                "org.springframework.web.reactive",
                "org.springframework.http",
                "org.springframework.transaction",
                "org.aspectj"
            })
    void worksWithoutEachOptionalLibrary(String missing) {
        contextRunner
                .withClassLoader(new FilteredClassLoader(missing))
                .withPropertyValues(
                        "grip.supervisor.policies.payment.thread=own",
                        "grip.supervisor.policies.payment.retry.backoff.type=none")
                .run(context -> {
                    AtomicInteger attempts = new AtomicInteger();

                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(Supervisor.class)
                                    .run(x -> succeedsAt(2, attempts))
                                    .value())
                            .isEqualTo(2);
                });
    }

    @Test
    void theRetryAfterOfAnHttpAnswerIsHeeded() {
        HttpHeaders inAnHour = new HttpHeaders();
        inAnHour.set(HttpHeaders.RETRY_AFTER, "3600");
        ApplicationContextRunner immediate =
                contextRunner.withPropertyValues("grip.supervisor.policies.payment.retry.backoff.type=none");

        assertThat(attemptsOf(immediate, new HttpClientErrorException(HttpStatus.TOO_MANY_REQUESTS)))
                .isEqualTo(3);
        assertThat(attemptsOf(
                        immediate,
                        HttpClientErrorException.create(HttpStatus.TOO_MANY_REQUESTS, "", inAnHour, new byte[0], null)))
                .isEqualTo(1);
    }

    private static int attemptsOf(ApplicationContextRunner runner, Exception failure) {
        AtomicInteger attempts = new AtomicInteger();
        runner.run(context -> context.getBean(Supervisor.class).run(x -> {
            attempts.incrementAndGet();
            throw failure;
        }));
        return attempts.get();
    }

    @Test
    void aContextCarrierOfTheApplicationTakesThePlaceOfOurs() {
        contextRunner.run(
                context -> assertThat(context.getBean(ContextCarrier.class)).isInstanceOf(MdcContextCarrier.class));
        contextRunner
                .withBean("own", ContextCarrier.class, ContextCarrier::none)
                .run(context ->
                        assertThat(context.getBeansOfType(ContextCarrier.class)).containsOnlyKeys("own"));
        contextRunner
                .withClassLoader(new FilteredClassLoader("io.micrometer.context"))
                .run(context ->
                        assertThat(context.getBean(ContextCarrier.class)).isInstanceOf(MdcContextCarrier.class));
    }

    @ExtendWith(OutputCaptureExtension.class)
    static class Warnings {

        @Test
        void noBeanIsCreatedTooEarly(CapturedOutput output) {
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(ours()))
                    .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                    .withPropertyValues("grip.supervisor.policies.payment.thread=own")
                    .withUserConfiguration(AsksByQualifier.class, Customizers.class)
                    .run(context -> assertThat(context).hasNotFailed());

            assertThat(output).doesNotContain("BeanPostProcessorChecker");
            assertThat(OwnWarnings.in(output)).isEmpty();
        }
    }

    private static int succeedsAt(int attempt, AtomicInteger attempts) {
        if (attempts.incrementAndGet() < attempt) {
            throw new IllegalStateException("not yet");
        }
        return attempts.get();
    }

    private static String threadOfSecondAttempt(Supervisor supervisor) throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        return supervisor
                .runAsync(context -> {
                    succeedsAt(2, attempts);
                    return CompletableFuture.completedFuture(
                            Thread.currentThread().getName());
                })
                .get(30, TimeUnit.SECONDS)
                .value();
    }

    @Configuration(proxyBeanMethods = false)
    static class AsksByQualifier {

        final Supervisor injected;

        AsksByQualifier(@Qualifier("payment") Supervisor injected) {
            this.injected = injected;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {

        final List<String> calls = new ArrayList<>();

        @Bean
        @Order(2)
        SupervisorCustomizer second() {
            return (name, builder) -> {
                calls.add("second " + name);
                builder.addHooks(Hooks.none());
            };
        }

        @Bean
        @Order(1)
        SupervisorCustomizer first() {
            return (name, builder) -> {
                calls.add("first " + name);
                builder.policy(builder.policy().withRetry(RetryPolicy.of(2)));
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnRegistry {

        final Supervisor only = Supervisor.builder("only").build();

        @Bean
        SupervisorRegistry mine() {
            return new SupervisorRegistry() {
                @Override
                public Supervisor get(String name) {
                    return only;
                }

                @Override
                public Set<String> names() {
                    return Set.of("only");
                }

                @Override
                public Supervisor obtain(String name, String policy) {
                    return only;
                }
            };
        }
    }

    private static Supervisor own() {
        return Supervisor.builder("own").build();
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnByQualifier {

        @Bean
        @Qualifier("my-pol")
        Supervisor mine() {
            return own();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnByQualifierInAnotherSpelling {

        @Bean
        @Qualifier("myPol")
        Supervisor mine() {
            return own();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnByName {

        @Bean
        Supervisor myPol() {
            return own();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnByFullName {

        @Bean("gripSupervisor.my-pol")
        Supervisor mine() {
            return own();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnExecutor {

        @Bean
        Executor mine() {
            return task -> {
                Thread thread = new Thread(task, "own executor");
                thread.start();
            };
        }
    }
}
