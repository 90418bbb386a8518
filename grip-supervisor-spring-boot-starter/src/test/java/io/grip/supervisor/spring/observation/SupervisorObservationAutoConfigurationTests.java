package io.grip.supervisor.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorMetricsAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorObservationAutoConfiguration;
import io.grip.supervisor.spring.observation.Shop.Way;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SupervisorObservationAutoConfigurationTests {

    private final TestObservationRegistry registry = TestObservationRegistry.create();

    private final ApplicationContextRunner runner =
            TestShop.runner().withBean(TestObservationRegistry.class, () -> registry);

    private final ApplicationContextRunner enabled =
            runner.withPropertyValues("grip.supervisor.observation.enabled=true");

    private static String call(Shop shop) throws Exception {
        return Way.ON_THE_CALLERS_THREAD.call(shop, () -> "value");
    }

    @Test
    void nothingIsObservedUnlessAskedFor() {
        runner.run(context -> call(context.getBean(Shop.class)));

        TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyObservation();
    }

    @Test
    void askedForExecutionsAndAttemptsAreObserved() {
        enabled.run(context -> call(context.getBean(Shop.class)));

        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsEqualTo(2)
                .hasObservationWithNameEqualTo("grip.supervisor.execution")
                .that()
                .hasLowCardinalityKeyValue("supervisor", "shop")
                .hasLowCardinalityKeyValue("outcome", "success")
                .hasBeenStopped();
    }

    @Test
    void nothingIsObservedWithoutMicrometersObservationsOrARegistry() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SupervisorAutoConfiguration.class, SupervisorObservationAutoConfiguration.class))
                .withPropertyValues("grip.supervisor.observation.enabled=true")
                .withClassLoader(new FilteredClassLoader("io.micrometer.observation"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("gripSupervisorObservations"));
        TestShop.runner()
                .withPropertyValues("grip.supervisor.observation.enabled=true")
                .run(context -> assertThat(call(context.getBean(Shop.class))).isEqualTo("value"));
    }

    @Test
    void theConventionsOfTheApplicationTakeThePlaceOfOurs() {
        enabled.withBean(SupervisorObservationConvention.class, Renaming::new)
                .withBean(AttemptObservationConvention.class, RenamingAttempts::new)
                .run(context -> call(context.getBean(Shop.class)));

        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("my.calls")
                .that()
                .hasLowCardinalityKeyValue("region", "north")
                .hasLowCardinalityKeyValue("outcome", "success");
        TestObservationRegistryAssert.assertThat(registry).hasObservationWithNameEqualTo("my.attempts");
    }

    static final class Renaming extends DefaultSupervisorObservationConvention {

        @Override
        public String getName() {
            return "my.calls";
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(SupervisorObservationContext context) {
            return super.getLowCardinalityKeyValues(context).and("region", "north");
        }
    }

    static final class RenamingAttempts extends DefaultAttemptObservationConvention {

        @Override
        public String getName() {
            return "my.attempts";
        }
    }

    @Test
    void aTracingOfTheApplicationsOwnCustomizerWins() {
        enabled.withBean(SupervisorCustomizer.class, () -> (name, builder) -> builder.tracing(Tracing.none()))
                .run(context -> call(context.getBean(Shop.class)));

        TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyObservation();
    }

    @Test
    void withSupervisionOffNothingIsObserved() {
        enabled.withPropertyValues("grip.supervisor.enabled=false").run(context -> {
            call(context.getBean(Shop.class));
            Supervisor shop = context.getBean(SupervisorRegistry.class).get("shop");
            shop.run(attempt -> "value");
            assertThat(shop.policy()).isEqualTo(SupervisorPolicy.none());
        });

        TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyObservation();
    }

    /** Prometheus refuses a meter whose tags are not those of another with its name: nothing may be missing. */
    @Test
    void bootsMetersOfObservationsHaveTheSameTagsAlwaysAndStandBesideOurs() {
        TestShop.runner()
                .withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        PrometheusMetricsExportAutoConfiguration.class,
                        ObservationAutoConfiguration.class,
                        SupervisorMetricsAutoConfiguration.class))
                .withPropertyValues("grip.supervisor.observation.enabled=true")
                .run(context -> {
                    Shop shop = context.getBean(Shop.class);
                    call(shop);
                    assertThatThrownBy(() -> shop.plain(() -> {
                                throw new IllegalStateException();
                            }))
                            .isInstanceOf(IllegalStateException.class);

                    MeterRegistry meters = context.getBean(PrometheusMeterRegistry.class);
                    Map<String, Set<List<String>>> keys = meters.getMeters().stream()
                            .map(Meter::getId)
                            .filter(id -> id.getName().startsWith("grip.supervisor."))
                            .collect(Collectors.groupingBy(
                                    Meter.Id::getName,
                                    TreeMap::new,
                                    Collectors.mapping(
                                            id -> id.getTags().stream()
                                                    .map(Tag::getKey)
                                                    .toList(),
                                            Collectors.toSet())));
                    assertThat(keys)
                            .containsKeys(
                                    "grip.supervisor.execution",
                                    "grip.supervisor.execution.retry",
                                    "grip.supervisor.execution.escalation",
                                    "grip.supervisor.attempt",
                                    "grip.supervisor.executions",
                                    "grip.supervisor.attempts")
                            .allSatisfy((name, tags) -> assertThat(tags).hasSize(1));
                    assertThat(meters.get("grip.supervisor.execution").timers())
                            .extracting(timer -> timer.getId().getTag("outcome"))
                            .containsExactlyInAnyOrder("success", "failure");
                });
    }

    @Test
    void theDocumentationListsTheKeysThatThereAre() {
        enabled.run(context -> call(context.getBean(Shop.class)));

        assertThat(SupervisorObservationDocumentation.values()).allSatisfy(documented -> {
            String name = documented == SupervisorObservationDocumentation.EXECUTION
                    ? "grip.supervisor.execution"
                    : "grip.supervisor.attempt";
            TestObservationRegistryAssert.assertThat(registry)
                    .hasObservationWithNameEqualTo(name)
                    .that()
                    .satisfies(observed -> assertThat(observed.getLowCardinalityKeyValues().stream()
                                    .map(key -> key.getKey())
                                    .toList())
                            .containsExactlyInAnyOrderElementsOf(keys(documented.getLowCardinalityKeyNames())))
                    .satisfies(observed -> assertThat(observed.getHighCardinalityKeyValues().stream()
                                    .map(key -> key.getKey())
                                    .toList())
                            .containsExactlyInAnyOrderElementsOf(keys(documented.getHighCardinalityKeyNames())));
        });
    }

    private static List<String> keys(KeyName[] names) {
        return List.of(names).stream().map(key -> key.asString()).toList();
    }
}
