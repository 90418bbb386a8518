package io.grip.supervisor.spring.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorEventAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorMetricsAutoConfiguration;
import io.grip.supervisor.time.ManualTime;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** Events of real supervisors in real contexts. */
class SupervisorEventsTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorAutoConfiguration.class,
                    SupervisorEventAutoConfiguration.class,
                    SupervisorMetricsAutoConfiguration.class))
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    "grip.supervisor.policies.payment.retry.max-attempts=3",
                    "grip.supervisor.policies.payment.retry.jitter=0",
                    "grip.supervisor.policies.payment.retry.backoff.type=fixed",
                    "grip.supervisor.policies.payment.retry.backoff.initial=70ms");

    @Test
    void tellTheStoryOfAnExecutionThatFails() {
        runner.withBean(Everything.class).run(context -> {
            IOException cause = new IOException("reset");

            Result<?> result = payment(context).run(attempt -> {
                throw cause;
            });

            assertThat(context.getBean(Everything.class).events)
                    .extracting(event -> event.getClass().getSimpleName())
                    .containsExactly(
                            "ExecutionStarted",
                            "RetryScheduled",
                            "RetryScheduled",
                            "ExecutionFailed",
                            "ExecutionGaveUp",
                            "ExecutionEscalated");
            assertThat(context.getBean(Everything.class).events)
                    .allSatisfy(event -> {
                        assertThat(event.supervisor()).isEqualTo("payment");
                        assertThat(event.policy()).isSameAs(payment(context).policy());
                    })
                    .extracting(SupervisorEvent::execution)
                    .containsOnly(
                            context.getBean(Everything.class).events.get(0).execution());
            assertThat(context.getBean(Everything.class).events.get(2))
                    .isInstanceOfSatisfying(RetryScheduled.class, retry -> {
                        assertThat(retry.attempt()).isEqualTo(3);
                        assertThat(retry.delay()).isEqualTo(Duration.ofMillis(70));
                        assertThat(retry.cause()).isSameAs(cause);
                    });
            assertThat(context.getBean(Everything.class).events.get(3))
                    .isInstanceOfSatisfying(
                            ExecutionFailed.class,
                            failed -> assertThat(failed.result()).isSameAs(result));
        });
    }

    @Test
    void tellOfSuccess() {
        runner.withBean(Everything.class).run(context -> {
            payment(context).call(attempt -> "receipt");

            assertThat(context.getBean(Everything.class).events)
                    .extracting(event -> event.getClass().getSimpleName())
                    .containsExactly("ExecutionStarted", "ExecutionSucceeded");
        });
    }

    @Test
    void areHarmlessWhenAListenerThrows() {
        runner.withBean(ThrowingListener.class).run(context -> {
            Result<String> result = payment(context).run(attempt -> "receipt");

            assertThat(result.value()).isEqualTo("receipt");
            assertThat(context.getBean(ThrowingListener.class).heard).isEqualTo(1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("grip.supervisor.hook.errors")
                            .counter()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void reachAListenerThatIsAddedAfterTheStart() {
        runner.run(context -> {
            List<Object> heard = new ArrayList<>();
            ApplicationListener<PayloadApplicationEvent<ExecutionSucceeded>> listener = new SuccessListener(heard);
            payment(context).call(attempt -> "before");

            ((ConfigurableApplicationContext) context.getSourceApplicationContext()).addApplicationListener(listener);
            payment(context).call(attempt -> "after");

            assertThat(heard).hasSize(1);
        });
    }

    @Test
    void reachAListenerOfTheParentContextOnceThoughThatHasSupervisorsToo() {
        runner.withBean(Everything.class)
                .run(parent -> runner.withParent(parent.getSourceApplicationContext())
                        .run(child -> {
                            payment(child).call(attempt -> "receipt");

                            assertThat(parent.getBean(Everything.class).events)
                                    .extracting(event -> event.getClass().getSimpleName())
                                    .containsExactly("ExecutionStarted", "ExecutionSucceeded");
                        }));
    }

    @Test
    void carryThePolicyThatACustomizerHasSetLast() {
        runner.withBean(Everything.class)
                .withBean(
                        "own",
                        SupervisorCustomizer.class,
                        () -> (name, builder) -> builder.policy(builder.policy().withRetry(RetryPolicy.none())))
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(context.getBean(Everything.class)
                                    .events
                                    .get(0)
                                    .policy()
                                    .retry())
                            .isEqualTo(RetryPolicy.none());
                });
    }

    @Test
    void comeBeforeTheHooksOfTheApplication() {
        List<String> order = new ArrayList<>();
        runner.withBean(SuccessListener.class, () -> new SuccessListener(order) {
                    @Override
                    public void onApplicationEvent(PayloadApplicationEvent<ExecutionSucceeded> event) {
                        order.add("event");
                    }
                })
                .withBean(
                        "own",
                        SupervisorCustomizer.class,
                        () -> (name, builder) -> builder.addHooks(new Hooks() {
                            @Override
                            public void onSuccess(io.grip.supervisor.execution.Execution execution, Result<?> result) {
                                order.add("hook");
                            }
                        }))
                .run(context -> {
                    payment(context).call(attempt -> "receipt");

                    assertThat(order).containsExactly("event", "hook");
                });
    }

    @Test
    void costNothingWhileNobodyListens() {
        runner.withBean(Retries.class)
                .run(context -> assertThat(bytesPerCall(payment(context))).isZero());
    }

    @Test
    void areThereForExecutionsThatShutdownEnds() {
        runner.withBean(Everything.class).run(context -> {
            Everything listener = context.getBean(Everything.class);
            payment(context).drain();

            Result<?> result = payment(context).run(attempt -> {
                throw new IOException("reset");
            });

            assertThat(result.failure()).isEqualTo(FailureKind.SHUTDOWN);
            assertThat(listener.events).hasAtLeastOneElementOfType(ExecutionFailed.class);
        });
    }

    private static Supervisor payment(AssertableApplicationContext context) {
        return context.getBean(SupervisorRegistry.class).get("payment");
    }

    private static long bytesPerCall(Supervisor supervisor) throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 20_000;
        callManyTimes(supervisor, calls);
        long before = threads.getCurrentThreadAllocatedBytes();
        callManyTimes(supervisor, calls);
        return (threads.getCurrentThreadAllocatedBytes() - before) / calls;
    }

    private static void callManyTimes(Supervisor supervisor, int calls) throws Exception {
        for (int call = 0; call < calls; call++) {
            supervisor.call(attempt -> "receipt");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        SupervisorCustomizer withoutWaiting() {
            return (name, builder) -> builder.time(ManualTime.selfAdvancing());
        }
    }

    static final class Everything {
        final List<SupervisorEvent> events = new ArrayList<>();

        @EventListener
        void on(SupervisorEvent event) {
            events.add(event);
        }
    }

    static final class Retries {
        @EventListener
        void on(RetryScheduled event) {}
    }

    static final class ThrowingListener {
        int heard;

        @EventListener
        void on(ExecutionSucceeded event) {
            heard++;
            throw new IllegalStateException("this listener is broken");
        }
    }

    static class SuccessListener implements ApplicationListener<PayloadApplicationEvent<ExecutionSucceeded>> {
        private final List<? super String> heard;

        SuccessListener(List<? super String> heard) {
            this.heard = heard;
        }

        @Override
        public void onApplicationEvent(PayloadApplicationEvent<ExecutionSucceeded> event) {
            heard.add(event.getPayload().supervisor());
        }
    }
}
