package io.grip.supervisor.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorMetricsAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

class SupervisorMetricsAutoConfigurationTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(SupervisorAutoConfiguration.class, SupervisorMetricsAutoConfiguration.class))
            .withPropertyValues("grip.supervisor.policies.payment.retry.max-attempts=1");

    @Test
    void withBootsRegistrySupervisorsAreMetered() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        SimpleMetricsExportAutoConfiguration.class))
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(successes(context.getBean(MeterRegistry.class))).isEqualTo(1);
                });
    }

    @Test
    void withARegistryOfTheApplicationAloneSupervisorsAreMetered() {
        runner.withClassLoader(new FilteredClassLoader(
                        "org.springframework.boot.micrometer", "org.springframework.boot.actuate"))
                .withBean(SimpleMeterRegistry.class)
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(successes(context.getBean(MeterRegistry.class))).isEqualTo(1);
                });
    }

    @Test
    void withoutARegistryThereIsNothing() {
        runner.run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean(SupervisorMetrics.class);
            assertThat(payment(context).run(attempt -> "receipt").value()).isEqualTo("receipt");
        });
    }

    @Test
    void withoutMicrometerThereIsNothing() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean("gripSupervisorMetrics");
            assertThat(payment(context).run(attempt -> "receipt").value()).isEqualTo("receipt");
        });
    }

    @Test
    void severalRegistriesOfBootEachCount() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        PrometheusMetricsExportAutoConfiguration.class))
                .withBean("other", SimpleMeterRegistry.class)
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(context.getBeansOfType(MeterRegistry.class).values())
                            .hasSize(3)
                            .allSatisfy(
                                    registry -> assertThat(successes(registry)).isEqualTo(1));
                });
    }

    @Test
    void severalRegistriesOfWhichNoneIsPrimaryEachCount() {
        runner.withBean("one", SimpleMeterRegistry.class)
                .withBean("other", SimpleMeterRegistry.class)
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(context.getBeansOfType(MeterRegistry.class).values())
                            .hasSize(2)
                            .allSatisfy(
                                    registry -> assertThat(successes(registry)).isEqualTo(1));
                });
    }

    @Test
    void aRegistryThatIsMadeLateMissesNothing() {
        runner.withUserConfiguration(LazyRegistry.class).run(context -> {
            payment(context).call(attempt -> "receipt");

            assertThat(successes(context.getBean(MeterRegistry.class))).isEqualTo(1);
        });
    }

    @Test
    void filtersOfTheApplicationApply() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        SimpleMetricsExportAutoConfiguration.class))
                .withBean(MeterFilter.class, () -> MeterFilter.denyNameStartsWith("grip.supervisor.attempts"))
                .withPropertyValues("management.metrics.enable.grip.supervisor.backoff=false")
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.find("grip.supervisor.attempts").meters())
                            .isEmpty();
                    assertThat(registry.find("grip.supervisor.backoff").meters())
                            .isEmpty();
                    assertThat(successes(registry)).isEqualTo(1);
                });
    }

    @Test
    void metersOfEverySupervisorAreThereFromTheStart() {
        runner.withBean(SimpleMeterRegistry.class)
                .withPropertyValues("grip.supervisor.policies.stock.admission.max-concurrency=4")
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);

                    assertThat(registry.get("grip.supervisor.retries").counters())
                            .extracting(counter -> counter.getId().getTag("supervisor"))
                            .containsExactlyInAnyOrder("payment", "stock");
                    assertThat(registry.get("grip.supervisor.admission.limit")
                                    .tag("supervisor", "stock")
                                    .gauge()
                                    .value())
                            .isEqualTo(4);
                });
    }

    @Test
    void closingASupervisorRemovesItsMeters() {
        runner.withBean(SimpleMeterRegistry.class).run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            payment(context).call(attempt -> "receipt");
            assertThat(registry.find("grip.supervisor.executions").meters()).isNotEmpty();

            payment(context).close();

            assertThat(registry.getMeters()).isEmpty();
        });
    }

    @Test
    void aSupervisorThatTheApplicationBuildsHasThemByTheCustomizers() {
        runner.withBean(SimpleMeterRegistry.class)
                .withUserConfiguration(OwnSupervisor.class)
                .run(context -> {
                    context.getBean("mail", Supervisor.class).call(attempt -> "sent");

                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("grip.supervisor.executions")
                                    .tags("supervisor", "mail", "outcome", "success")
                                    .timer()
                                    .count())
                            .isEqualTo(1);
                });
    }

    @Test
    void switchedOffThereIsNothing() {
        runner.withBean(SimpleMeterRegistry.class)
                .withPropertyValues("grip.supervisor.enabled=false")
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(context.getBean(MeterRegistry.class).getMeters()).isEmpty();
                });
    }

    @Test
    void telemetryOfTheApplicationTakesTheirPlace() {
        AtomicInteger attempts = new AtomicInteger();
        Telemetry own = new Telemetry() {
            @Override
            public void attempt(AttemptOutcome outcome, long nanos) {
                attempts.incrementAndGet();
            }
        };
        runner.withBean(SimpleMeterRegistry.class)
                .withBean("own", SupervisorCustomizer.class, () -> (name, builder) -> builder.telemetry(own))
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(attempts).hasValue(1);
                    assertThat(context.getBean(MeterRegistry.class).getMeters()).isEmpty();
                });
    }

    private static Supervisor payment(ApplicationContext context) {
        return context.getBean(SupervisorRegistry.class).get("payment");
    }

    private static long successes(MeterRegistry registry) {
        return registry.get("grip.supervisor.executions")
                .tags("supervisor", "payment", "outcome", "success")
                .timer()
                .count();
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnSupervisor {
        @Bean
        Supervisor mail(ObjectProvider<SupervisorCustomizer> customizers) {
            Supervisor.Builder builder = Supervisor.builder("mail");
            customizers.orderedStream().forEach(customizer -> customizer.customize("mail", builder));
            return builder.build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LazyRegistry {
        @Bean
        @Lazy
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }
}
