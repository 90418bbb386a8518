package io.grip.supervisor.hook;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.fixture.RecordingTracing;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What follows an execution is told of all of it, once, where it happens, and changes nothing. */
class TracingTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RecordingTracing tracing = new RecordingTracing();

    /** Both ways into an execution. */
    enum Way {
        BLOCKING {
            @Override
            Result<String> run(Supervisor.Builder builder, Callable<String> body) {
                return builder.time(ManualTime.selfAdvancing()).build().run(context -> body.call());
            }
        },
        ASYNCHRONOUS {
            @Override
            Result<String> run(Supervisor.Builder builder, Callable<String> body) {
                ManualTime time = ManualTime.create();
                CompletableFuture<Result<String>> future = builder.time(time)
                        .executor(Runnable::run)
                        .build()
                        .runAsync(context -> CompletableFuture.completedFuture(body.call()));
                for (int moves = 0; !future.isDone() && moves < 100; moves++) {
                    time.advance(SECOND);
                }
                return future.getNow(null);
            }
        };

        abstract Result<String> run(Supervisor.Builder builder, Callable<String> body);
    }

    private Supervisor.Builder supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("traced").policy(policy).tracing(tracing);
    }

    private static SupervisorPolicy retrying(int attempts) {
        return SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(attempts).withBackoff(SECOND).withJitter(0));
    }

    private static Callable<String> script(Object... steps) {
        Deque<Object> left = new ArrayDeque<>(List.of(steps));
        return () -> {
            Object step = left.poll();
            if (step instanceof Throwable thrown) {
                throw Throwables.<RuntimeException>sneak(thrown);
            }
            return (String) step;
        };
    }

    @ParameterizedTest
    @EnumSource
    void attemptsAreFollowedOneByOne(Way way) {
        way.run(supervisor(retrying(3)), script(new IllegalStateException("first"), "value"));

        assertThat(tracing.told())
                .containsExactly(
                        "begin",
                        "attempt 1",
                        "open 1",
                        "close 1",
                        "attempt 1 FAILURE first",
                        "retry 2 PT1S first",
                        "attempt 2",
                        "open 2",
                        "close 2",
                        "attempt 2 SUCCESS",
                        "ended NONE");
    }

    @ParameterizedTest
    @EnumSource
    void anEscalationComesBeforeTheEndAndTheEndAfterAllHooks(Way way) {
        RecordingHooks hooks = new RecordingHooks().then(heard -> tracing.begin(heard.execution()));

        way.run(supervisor(retrying(1)).hooks(hooks), script(new IllegalStateException("only")));

        assertThat(tracing.told())
                .containsExactly(
                        "begin",
                        "begin", // onStart
                        "attempt 1",
                        "open 1",
                        "close 1",
                        "attempt 1 FAILURE only",
                        "escalation",
                        "begin", // onFailure
                        "begin", // onGiveUp
                        "begin", // onEscalate
                        "ended HANDLER_ERROR");
    }

    @ParameterizedTest
    @EnumSource
    void aRestartIsToldWithItsCause(Way way) {
        SupervisorPolicy policy = retrying(1).withRestart(RestartPolicy.ON_FAILURE);

        way.run(supervisor(policy), script(new IllegalStateException("once"), "value"));

        assertThat(tracing.told()).contains("restart 1 once").endsWith("attempt 1 SUCCESS", "ended NONE");
    }

    @ParameterizedTest
    @EnumSource
    void anExecutionThatIsRefusedBeginsAndEndsToo(Way way) {
        Supervisor.Builder builder = supervisor(SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(1)))
                .executor(Runnable::run);
        Supervisor supervisor = builder.build();
        supervisor.runAsync(context -> new CompletableFuture<>());
        assertThat(tracing.told()).hasSize(4);

        Result<String> refused = way == Way.BLOCKING
                ? supervisor.run(context -> "value")
                : supervisor
                        .runAsync(context -> CompletableFuture.completedFuture("value"))
                        .getNow(null);

        assertThat(refused.failure()).isEqualTo(FailureKind.REJECTED);
        assertThat(tracing.told()).hasSize(6).endsWith("begin", "ended REJECTED");
    }

    @Test
    void anExecutionOfAClosedSupervisorBeginsAndEndsToo() {
        Supervisor supervisor = supervisor(SupervisorPolicy.none()).build();
        supervisor.close();

        supervisor.run(context -> "value");

        assertThat(tracing.told()).containsExactly("begin", "ended SHUTDOWN");
    }

    @Test
    void aCancelledFutureEndsItsAttemptAndItsExecutionOnce() {
        Supervisor supervisor = supervisor(retrying(3)).executor(Runnable::run).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);

        future.cancel(true);
        stage.complete("late");

        assertThat(tracing.told())
                .hasSize(6)
                .startsWith("begin", "attempt 1", "open 1", "close 1")
                .last()
                .isEqualTo("ended CONTEXT_CANCELLED");
        assertThat(tracing.told().get(4)).startsWith("attempt 1 CANCELLED");
    }

    @Test
    void theScopeOfAStageIsClosedBeforeTheStageEnds() {
        Supervisor supervisor = supervisor(retrying(1)).executor(Runnable::run).build();
        CompletableFuture<String> stage = new CompletableFuture<>();

        supervisor.runAsync(context -> stage);
        assertThat(tracing.told()).containsExactly("begin", "attempt 1", "open 1", "close 1");
        stage.complete("value");

        assertThat(tracing.told()).hasSize(6).endsWith("attempt 1 SUCCESS", "ended NONE");
    }

    @Test
    void theScopeIsOnTheThreadOfTheTaskInsideOfWhatIsCarriedThere() {
        Deque<String> seen = new ArrayDeque<>();
        tracing.then(call -> {
            if (call.startsWith("open") || call.startsWith("close")) {
                seen.add(call + " " + Thread.currentThread().getName());
            }
        });
        ContextCarrier carrier = () -> new ContextCarrier.Captured() {
            @Override
            public <T extends @Nullable Object> T call(ContextCarrier.Call<T> body) throws Exception {
                seen.add("carried");
                T value = body.call();
                seen.add("put back");
                return value;
            }
        };

        supervisor(SupervisorPolicy.none())
                .runner(ExecutorRunner.ownThread())
                .carrier(carrier)
                .build()
                .run(context -> "value");

        assertThat(seen).containsExactly("carried", "open 1 grip-traced", "close 1 grip-traced", "put back");
    }

    @Test
    void anAttemptThatIsLeftEndsThenAndItsScopeWhenItsThreadComesBack() throws Exception {
        ManualTime time = ManualTime.create();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        CyclicBarrier started = new CyclicBarrier(2);
        tracing.then(call -> {
            if (call.startsWith("close")) {
                closed.countDown();
            }
        });
        Supervisor supervisor = supervisor(SupervisorPolicy.none()
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND)))
                .runner(ExecutorRunner.ownThread())
                .time(time)
                .build();
        Background<Result<Object>> run = Background.call(() -> supervisor.run(context -> {
            started.await();
            awaitUninterruptibly(free);
            return "late";
        }));

        started.await(20, TimeUnit.SECONDS);
        time.advance(SECOND);
        run.get();
        assertThat(tracing.told()).hasSize(5).endsWith("ended HANDLER_ERROR");
        assertThat(tracing.told().get(3)).startsWith("attempt 1 TIMEOUT");

        free.countDown();
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(tracing.told()).hasSize(6).endsWith("close 1");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException overheard) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("io.grip.supervisor.fixture.Throwables#ofEverySort")
    void whatItThrowsIsCountedAndChangesNothing(Throwable thrown) {
        Consumer<String> throwing = call -> {
            throw Throwables.<RuntimeException>sneak(thrown);
        };
        for (String first : List.of("begin", "attempt", "open", "close", "retry", "ended")) {
            RecordingTelemetry telemetry = new RecordingTelemetry();
            tracing.then(call -> {
                if (call.startsWith(first)) {
                    throwing.accept(call);
                }
            });

            Result<String> result = Way.BLOCKING.run(
                    supervisor(retrying(2)).telemetry(telemetry), script(new IllegalStateException("first"), "value"));

            assertThat(result.value()).as(first).isEqualTo("value");
            assertThat(telemetry.count("hookError")).as(first).isPositive();
        }
    }
}
