package io.grip.supervisor.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** The meters against what the tasks have counted themselves, for every way to run and every way to end. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EveryAttemptIsCountedTests {

    private static final Duration LIMIT = Duration.ofSeconds(1);

    /** Stands still until an attempt that hangs has begun: a limit that passes earlier ends none. */
    private final ManualTime time = ManualTime.create();

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicInteger begun = new AtomicInteger();

    /** How a supervisor is called. */
    enum Way {
        ON_THE_CALLERS_THREAD,
        ON_A_THREAD_OF_ITS_OWN,
        ASYNCHRONOUSLY
    }

    @ParameterizedTest
    @EnumSource
    void ofSuccess(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying());

        assertThat(run(way, supervisor, Behaviour.SUCCEEDS).isSuccess()).isTrue();

        assertThat(attempts()).isEqualTo(Map.of("success", 1L));
        assertThat(executions()).isEqualTo(Map.of("success/none", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofFailureToTheEnd(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying());

        assertThat(run(way, supervisor, Behaviour.FAILS).attempts()).isEqualTo(3);

        assertThat(attempts()).isEqualTo(Map.of("failure", 3L));
        assertThat(executions()).isEqualTo(Map.of("failure/IOException", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofAttemptsThatRunPastTheirTimeout(Way way) throws Exception {
        DeadlinePolicy timeout = DeadlinePolicy.none().withAttemptTimeout(LIMIT);
        Supervisor supervisor = supervisor(way, retrying().withDeadline(timeout));

        assertThat(run(way, supervisor, Behaviour.HANGS).attempts()).isEqualTo(3);

        assertThat(attempts()).isEqualTo(Map.of("timeout", 3L));
        assertThat(executions()).isEqualTo(Map.of("failure/AttemptTimeoutException", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofAnAttemptThatTheDeadlineEnds(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying().withDeadline(DeadlinePolicy.of(LIMIT)));

        assertThat(run(way, supervisor, Behaviour.HANGS).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);

        assertThat(attempts()).isEqualTo(Map.of("timeout", 1L));
        assertThat(executions()).isEqualTo(Map.of("cancelled/DeadlineExceededException", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofAnAttemptThatIsCancelled(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying());

        assertThat(run(way, supervisor, Behaviour.CANCELS_ITSELF).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);

        assertThat(attempts()).isEqualTo(Map.of("cancelled", 1L));
        assertThat(executions()).isEqualTo(Map.of("cancelled/CancellationException", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofTheOneAttemptWhileDraining(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying());
        supervisor.drain();

        assertThat(run(way, supervisor, Behaviour.FAILS).failure()).isEqualTo(FailureKind.SHUTDOWN);

        assertThat(attempts()).isEqualTo(Map.of("failure", 1L));
        assertThat(executions()).isEqualTo(Map.of("shutdown/SupervisorShutdownException", 1L));
    }

    @ParameterizedTest
    @EnumSource
    void ofNoAttemptWhereThereIsNone(Way way) throws Exception {
        Supervisor supervisor = supervisor(way, retrying().withAdmission(AdmissionPolicy.of(1)));
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Result<Object>> occupying = CompletableFuture.supplyAsync(() -> supervisor.run(context -> {
            begun.incrementAndGet();
            running.countDown();
            return end.await(60, TimeUnit.SECONDS);
        }));
        assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();

        assertThat(run(way, supervisor, Behaviour.SUCCEEDS).failure()).isEqualTo(FailureKind.REJECTED);
        end.countDown();
        occupying.get(30, TimeUnit.SECONDS);

        assertThat(attempts()).isEqualTo(Map.of("success", 1L));
        assertThat(executions()).isEqualTo(Map.of("success/none", 1L, "rejected/AdmissionRejectedException", 1L));
    }

    @Test
    void ofAThreadThatIsLeftBehindAndOfWhatItReturnsAtLast() throws Exception {
        Supervisor supervisor = supervisor(
                Way.ON_A_THREAD_OF_ITS_OWN,
                SupervisorPolicy.none().withDeadline(DeadlinePolicy.none().withAttemptTimeout(LIMIT)));
        CountDownLatch end = new CountDownLatch(1);

        Result<Object> result = supervisor.run(context -> {
            begun.incrementAndGet();
            time.advance(LIMIT);
            awaitWhateverInterrupts(end);
            return "too late";
        });

        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(attempts()).isEqualTo(Map.of("timeout", 1L));
        time.advance(Duration.ofSeconds(1));
        assertThat(registry.get("grip.supervisor.threads.abandoned").gauge().value())
                .isEqualTo(1);
        end.countDown();
        eventually(() -> registry.get("grip.supervisor.late.results").counter().count() == 1);
        eventually(
                () -> registry.get("grip.supervisor.threads.abandoned").gauge().value() == 0);
        assertThat(attempts()).isEqualTo(Map.of("timeout", 1L));
    }

    private static void eventually(BooleanSupplier condition) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition::getAsBoolean);
    }

    private static void awaitWhateverInterrupts(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException ignored) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a task does, in the two forms of a task. */
    private enum Behaviour {
        SUCCEEDS {
            @Override
            Object blocking(ExecutionContext context) {
                return "receipt";
            }

            @Override
            CompletableFuture<Object> asynchronous(ExecutionContext context) {
                return CompletableFuture.completedFuture("receipt");
            }
        },
        FAILS {
            @Override
            Object blocking(ExecutionContext context) throws IOException {
                throw new IOException("reset");
            }

            @Override
            CompletableFuture<Object> asynchronous(ExecutionContext context) {
                return CompletableFuture.failedFuture(new IOException("reset"));
            }
        },
        HANGS {
            @Override
            Object blocking(ExecutionContext context) throws InterruptedException {
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
            }

            @Override
            CompletableFuture<Object> asynchronous(ExecutionContext context) {
                return new CompletableFuture<>();
            }
        },
        CANCELS_ITSELF {
            @Override
            Object blocking(ExecutionContext context) throws InterruptedException {
                context.cancel();
                return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
            }

            @Override
            CompletableFuture<Object> asynchronous(ExecutionContext context) {
                context.cancel();
                return new CompletableFuture<>();
            }
        };

        abstract Object blocking(ExecutionContext context) throws Exception;

        abstract CompletableFuture<Object> asynchronous(ExecutionContext context);
    }

    private Result<Object> run(Way way, Supervisor supervisor, Behaviour behaviour) throws Exception {
        Task<Object> task = context -> {
            begin(behaviour);
            return behaviour.blocking(context);
        };
        AsyncTask<Object> asyncTask = context -> {
            begin(behaviour);
            return behaviour.asynchronous(context);
        };
        return way == Way.ASYNCHRONOUSLY
                ? supervisor.runAsync(asyncTask).get(60, TimeUnit.SECONDS)
                : supervisor.run(task);
    }

    private void begin(Behaviour behaviour) {
        begun.incrementAndGet();
        if (behaviour == Behaviour.HANGS) {
            CompletableFuture.runAsync(() -> time.advance(LIMIT));
        }
    }

    private static SupervisorPolicy retrying() {
        return SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(BackoffPolicy.none()));
    }

    private Supervisor supervisor(Way way, SupervisorPolicy policy) {
        Supervisor.Builder builder = Supervisor.builder("payment")
                .policy(policy)
                .time(time)
                .runner(way == Way.ON_A_THREAD_OF_ITS_OWN ? ExecutorRunner.ownThread() : ExecutorRunner.callerThread());
        try (var context = new AnnotationConfigApplicationContext()) {
            context.registerBean(
                    MeterRegistry.class, () -> registry, definition -> definition.setDestroyMethodName(""));
            context.refresh();
            new SupervisorMetrics(context.getBeanProvider(MeterRegistry.class)).customize("payment", builder);
            return builder.build();
        }
    }

    /** By outcome, without those that are zero; as many as tasks have begun. */
    private Map<String, Long> attempts() {
        Map<String, Long> attempts = registry.get("grip.supervisor.attempts").timers().stream()
                .filter(timer -> timer.count() > 0)
                .collect(Collectors.toMap(timer -> timer.getId().getTag("outcome"), Timer::count));
        assertThat(attempts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(begun.get());
        return attempts;
    }

    /** By outcome and exception, without those that are zero. */
    private Map<String, Long> executions() {
        return registry.get("grip.supervisor.executions").timers().stream()
                .filter(timer -> timer.count() > 0)
                .collect(Collectors.toMap(
                        timer -> timer.getId().getTag("outcome") + "/"
                                + timer.getId().getTag("exception"),
                        Timer::count));
    }
}
