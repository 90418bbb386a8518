package io.grip.supervisor.spring.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorLifecycleAutoConfiguration;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SupervisorLifecycleTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorAutoConfiguration.class, SupervisorLifecycleAutoConfiguration.class))
            .withBean(
                    "own",
                    Supervisor.class,
                    () -> Supervisor.builder("own")
                            .time(ManualTime.selfAdvancing())
                            .build())
            .withPropertyValues(
                    "grip.supervisor.policies.payment.retry.max-attempts=3",
                    "grip.supervisor.policies.payment.retry.backoff.type=none");

    @Test
    void stopsAfterTheWebServerAndBeforeTheTaskExecutors() {
        assertThat(SupervisorLifecycle.PHASE)
                .isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE)
                .isGreaterThan(ExecutorConfigurationSupport.DEFAULT_PHASE);
    }

    @Test
    void drainsWhenItsContextBeginsToClose() {
        runner.run(context -> {
            context.publishEvent(new ContextClosedEvent(context.getSourceApplicationContext()));

            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(1);
            assertThat(attemptsOfAFailingTask(own(context))).isEqualTo(1);
        });
    }

    @Test
    void drainsInALazyApplicationToo() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> {
                    context.publishEvent(new ContextClosedEvent(context.getSourceApplicationContext()));

                    assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(1);
                });
    }

    @Test
    void leavesTheSupervisorsOfAParentAloneWhenAChildCloses() {
        runner.run(parent -> {
            try (var child = new AnnotationConfigApplicationContext()) {
                child.setParent(parent.getSourceApplicationContext());
                child.register(SupervisorAutoConfiguration.class, SupervisorLifecycleAutoConfiguration.class);
                child.setEnvironment(
                        ((ConfigurableApplicationContext) parent.getSourceApplicationContext()).getEnvironment());
                child.refresh();
                assertThat(attemptsOfAFailingTask(payment(child))).isEqualTo(3);
            }

            assertThat(attemptsOfAFailingTask(payment(parent))).isEqualTo(3);
            assertThat(attemptsOfAFailingTask(own(parent))).isEqualTo(3);
        });
    }

    @Test
    void supervisesAgainAfterAPauseAndARestart() {
        runner.run(assertable -> {
            var context = (ConfigurableApplicationContext) assertable.getSourceApplicationContext();

            context.pause();
            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(1);

            context.restart();
            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(3);
            assertThat(attemptsOfAFailingTask(own(context))).isEqualTo(3);
        });
    }

    @Test
    void supervisesAgainAfterAStopAndAStart() {
        runner.run(assertable -> {
            var context = (ConfigurableApplicationContext) assertable.getSourceApplicationContext();

            context.stop();
            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(1);

            context.start();
            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(3);
        });
    }

    @Test
    void closesOnlyWithTheBeans() {
        runner.run(assertable -> {
            var context = (ConfigurableApplicationContext) assertable.getSourceApplicationContext();
            Supervisor payment = payment(context);
            context.stop();
            assertThat(payment.run(attempt -> "receipt").value()).isEqualTo("receipt");

            context.close();

            Result<String> result = payment.run(attempt -> "receipt");
            assertThat(result.failure()).isEqualTo(FailureKind.SHUTDOWN);
            assertThat(result.attempts()).isZero();
        });
    }

    @Test
    void stopReturnsAtOnceAndCallsBackOnceWhenTheLastAttemptHasEnded() {
        runner.run(context -> {
            SupervisorLifecycle lifecycle = context.getBean(SupervisorLifecycle.class);
            RunningAttempt running = RunningAttempt.of(payment(context));
            AtomicInteger callbacks = new AtomicInteger();
            CountDownLatch calledBack = new CountDownLatch(1);

            lifecycle.stop(() -> {
                callbacks.incrementAndGet();
                calledBack.countDown();
            });
            assertThat(lifecycle.isRunning()).isFalse();
            assertThat(callbacks).hasValue(0);
            running.finish();

            assertThat(calledBack.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(callbacks).hasValue(1);
        });
    }

    @Test
    void aStartEndsAWaitThatHasOutlivedItsPhase() {
        runner.run(context -> {
            SupervisorLifecycle lifecycle = context.getBean(SupervisorLifecycle.class);
            RunningAttempt running = RunningAttempt.of(payment(context));
            CountDownLatch calledBack = new CountDownLatch(1);
            lifecycle.stop(calledBack::countDown);

            lifecycle.start();

            assertThat(calledBack.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(attemptsOfAFailingTask(payment(context))).isEqualTo(3);
            running.finish();
        });
    }

    @Test
    void theDestructionEndsAWaitThatHasOutlivedItsPhase() {
        runner.run(context -> {
            SupervisorLifecycle lifecycle = context.getBean(SupervisorLifecycle.class);
            RunningAttempt running = RunningAttempt.of(payment(context));
            CountDownLatch calledBack = new CountDownLatch(1);
            lifecycle.stop(calledBack::countDown);

            lifecycle.destroy();

            assertThat(calledBack.await(30, TimeUnit.SECONDS)).isTrue();
            running.finish();
        });
    }

    private static Supervisor payment(ApplicationContext context) {
        return context.getBean(SupervisorRegistry.class).get("payment");
    }

    private static Supervisor own(ApplicationContext context) {
        return context.getBean("own", Supervisor.class);
    }

    private static int attemptsOfAFailingTask(Supervisor supervisor) {
        return supervisor
                .run(attempt -> {
                    throw new IOException("reset");
                })
                .attempts();
    }

    /** An attempt on a thread of its own, which runs until it is told to end. */
    private record RunningAttempt(CompletableFuture<?> execution, CountDownLatch end) {

        static RunningAttempt of(Supervisor supervisor) throws InterruptedException {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            CompletableFuture<?> execution = CompletableFuture.runAsync(() -> supervisor.run(attempt -> {
                begun.countDown();
                return end.await(60, TimeUnit.SECONDS);
            }));
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            return new RunningAttempt(execution, end);
        }

        void finish() throws Exception {
            end.countDown();
            execution.get(30, TimeUnit.SECONDS);
        }
    }
}
