package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** What an environment that changes does to policies in use. The event is one of the name by which it is known. */
class EnvironmentChangesTests {

    private static final String POLICIES = "grip.supervisor.policies.";

    private static final Class<? extends ApplicationEvent> EVENT = new ByteBuddy()
            .subclass(ApplicationEvent.class)
            .name(EnvironmentChanges.EVENT)
            .make()
            .load(EnvironmentChangesTests.class.getClassLoader())
            .getLoaded();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SupervisorAutoConfiguration.class))
            .withBean(
                    SupervisorCustomizer.class,
                    () -> (name, builder) ->
                            builder.policy(builder.policy().withEscalation(EscalationPolicy.of(false, false))))
            .withPropertyValues(
                    POLICIES + "payment.retry.max-attempts=2",
                    POLICIES + "payment.admission.max-concurrency=1",
                    POLICIES + "payment.admission.max-wait=1m",
                    POLICIES + "stock.retry.max-attempts=2");

    private static void change(ConfigurableApplicationContext context, Map<String, Object> values) {
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("changed", new HashMap<>(values)));
        try {
            context.publishEvent(EVENT.getConstructor(Object.class).newInstance(context));
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void changesThePoliciesThatDifferAndLosesNothing() {
        runner.run(context -> {
            SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);
            Supervisor payment = registry.get("payment");
            SupervisorPolicy stock = registry.get("stock").policy();
            CompletableFuture<String> held = new CompletableFuture<>();
            var running = payment.runAsync(of -> held);
            var waiting = payment.runAsync(of -> CompletableFuture.completedFuture("served"));

            change(
                    context.getSourceApplicationContext(),
                    Map.of(
                            POLICIES + "payment.retry.max-attempts", 5,
                            POLICIES + "payment.admission.max-concurrency", 2));

            assertThat(registry.get("payment")).isSameAs(payment);
            assertThat(payment.policy().retry().maxAttempts().max()).isEqualTo(5);
            assertThat(payment.policy().escalation())
                    .as("customized again")
                    .isEqualTo(EscalationPolicy.of(false, false));
            assertThat(waiting.join().value()).isEqualTo("served");
            assertThat(running).isNotDone();
            held.complete("done");
            assertThat(running.join().value()).isEqualTo("done");
            assertThat(registry.get("stock").policy()).isEqualTo(stock);
        });
    }

    @Test
    void keepsAllThatIsWhereOneOfThemCannotBe() {
        runner.run(context -> {
            SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);
            SupervisorPolicy payment = registry.get("payment").policy();

            change(
                    context.getSourceApplicationContext(),
                    Map.of(POLICIES + "payment.retry.max-attempts", 5, POLICIES + "stock.retry.max-attempts", 0));

            assertThat(registry.get("payment").policy()).isEqualTo(payment);
        });
    }

    @Test
    void endsLiveChangesOfThePoliciesThatItChanges() {
        runner.run(context -> {
            LivePolicies live = context.getBean(LivePolicies.class);
            SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);
            live.change(registry.get("payment"), Map.of("retry.max-attempts", "7"), "ann");
            live.change(registry.get("stock"), Map.of("retry.max-attempts", "7"), "ann");

            change(context.getSourceApplicationContext(), Map.of(POLICIES + "payment.retry.max-attempts", 5));

            assertThat(live.valuesOf(registry.get("payment")).get("retry.max-attempts"))
                    .satisfies(value -> assertThat(value.value()).isEqualTo("5"))
                    .satisfies(value -> assertThat(value.origin()).isNotEqualTo("live change"));
            assertThat(live.valuesOf(registry.get("stock")).get("retry.max-attempts"))
                    .satisfies(value -> assertThat(value.value()).isEqualTo("7"))
                    .satisfies(value -> assertThat(value.by()).isEqualTo("ann"));
        });
    }

    @Test
    void aPolicyThatIsAddedCanBeAskedFor() {
        runner.run(context -> {
            SupervisorRegistry registry = context.getBean(SupervisorRegistry.class);

            change(context.getSourceApplicationContext(), Map.of(POLICIES + "mail.retry.max-attempts", 6));

            assertThat(registry.get("mail").policy().retry().maxAttempts().max())
                    .isEqualTo(6);
        });
    }
}
