package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.QueuedExecutor;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocking and asynchronous executions at one set of permits. */
@Timeout(30)
class SharedAdmissionTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofMinutes(1)));

    private Supervisor.Builder builder(SupervisorPolicy of) {
        return Supervisor.builder("payment")
                .policy(of)
                .time(time)
                .hooks(hooks)
                .telemetry(telemetry)
                .executor(Runnable::run);
    }

    private CompletableFuture<String> paid(String name) {
        order.add(name);
        return CompletableFuture.completedFuture("paid");
    }

    @Test
    void whoArrivedFirstIsServedFirstBlockingOrNot() throws Exception {
        Supervisor supervisor = builder(policy).build();
        CompletableFuture<String> first = new CompletableFuture<>();
        supervisor.runAsync(context -> first);
        List<Background<?>> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String name = "waiter " + i;
            if (i % 3 == 0) {
                threads.add(Background.run(() -> supervisor.run(context -> order.add(name))));
                time.awaitWaitingThreads(threads.size(), PATIENCE);
            } else {
                supervisor.runAsync(context -> paid(name));
            }
            assertThat(supervisor.waiting()).isEqualTo(i + 1);
        }

        first.complete("first");

        for (Background<?> thread : threads) {
            thread.get();
        }
        Awaitility.await().atMost(PATIENCE).until(() -> order.size() == 10);
        assertThat(order)
                .containsExactlyElementsOf(
                        IntStream.range(0, 10).mapToObj(i -> "waiter " + i).toList());
    }

    @Test
    void aRetryKeepsItsPlaceAheadOfThoseThatArrivedLater() {
        Supervisor supervisor = builder(policy).build();
        supervisor.runAsync(context -> {
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            return paid("retry");
        });
        CompletableFuture<String> holder = new CompletableFuture<>();
        supervisor.runAsync(context -> holder);
        supervisor.runAsync(context -> paid("later"));
        time.advance(SECOND);
        assertThat(supervisor.waiting()).isEqualTo(2);

        holder.complete("done");

        assertThat(order).containsExactly("retry", "later");
    }

    @Test
    void nobodyOvertakesAWaiter() {
        Supervisor supervisor = builder(
                        policy.withAdmission(AdmissionPolicy.of(2).withMaxWait(PATIENCE)))
                .executor(new QueuedExecutor())
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        supervisor.runAsync(context -> new CompletableFuture<>());
        CompletableFuture<Result<String>> waiting = supervisor.runAsync(context -> paid("waiting"));
        stage.complete("done");

        CompletableFuture<Result<String>> late = supervisor.runAsync(context -> paid("late"));

        assertThat(waiting).as("granted, on its way through the executor").isNotDone();
        assertThat(late).isNotDone();
        assertThat(supervisor.waiting()).isEqualTo(1);
    }

    @Test
    void anAsynchronousWaiterIsRejectedWhenItsPatienceIsOver() {
        Supervisor supervisor = builder(policy).build();
        supervisor.runAsync(context -> new CompletableFuture<>());
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> paid("never"));
        time.advance(Duration.ofMinutes(1).minusNanos(1));
        assertThat(future).isNotDone();
        time.advance(Duration.ofNanos(1));

        assertThat(future).isCompleted();
        Result<String> result = future.join();
        assertThat(result.failure()).isEqualTo(FailureKind.REJECTED);
        assertThat(result.attempts()).isZero();
        assertThat(result.duration()).isEqualTo(Duration.ofMinutes(1));
        assertThat(result.cause()).isInstanceOfSatisfying(AdmissionRejectedException.class, rejected -> {
            assertThat(rejected.limit()).isEqualTo(1);
            assertThat(rejected.inFlight()).isEqualTo(1);
            assertThat(rejected.waited()).isEqualTo(Duration.ofMinutes(1));
        });
        assertThat(order).isEmpty();
        assertThat(supervisor.waiting()).isZero();
        assertThat(hooks.texts()).containsExactly("onStart", "onFailure REJECTED", "onGiveUp REJECTED");
        assertThat(telemetry.count("rejection")).isEqualTo(1);
        assertThat(telemetry.told()).contains("admissionWait 60000000000");
    }

    @Test
    void withoutPatienceItIsRejectedAtOnceOnTheCallersThread() {
        Supervisor supervisor = builder(policy.withAdmission(AdmissionPolicy.of(1)))
                .executor(new QueuedExecutor())
                .build();
        supervisor.runAsync(context -> new CompletableFuture<>());

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> paid("never"));

        assertThat(future).isCompleted();
        assertThat(future.join().failure()).isEqualTo(FailureKind.REJECTED);
        assertThat(telemetry.count("admissionWait")).as("it did not wait").isZero();
    }

    @Test
    void anExecutionOnceAdmittedIsNeverRejectedLater() {
        Supervisor supervisor =
                builder(policy.withAdmission(AdmissionPolicy.of(1))).build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(
                context -> context.attempt() == 1 ? CompletableFuture.failedFuture(new IOException("down")) : paid(""));
        CompletableFuture<String> holder = new CompletableFuture<>();
        supervisor.runAsync(context -> holder);

        time.advance(Duration.ofDays(1));

        assertThat(future).isNotDone();
        assertThat(supervisor.waiting()).isEqualTo(1);
        holder.complete("done");
        assertThat(future).isCompleted();
        assertThat(future.join().attempts()).isEqualTo(2);
    }

    @Test
    void theDeadlineEndsAWaitBeforeThePatienceAndATieIsTheDeadline() {
        for (Duration deadline : List.of(SECOND, Duration.ofMinutes(1))) {
            Supervisor supervisor = builder(
                            policy.withDeadline(DeadlinePolicy.of(deadline).withAttemptTimeout(Duration.ofDays(1))))
                    .build();
            CompletableFuture<String> holder = new CompletableFuture<>();
            supervisor.runAsync(context -> holder);
            CompletableFuture<Result<String>> future = supervisor.runAsync(context -> paid("never"));

            time.advance(deadline);

            assertThat(future).isCompleted();
            assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
            assertThat(future.join().cause()).isInstanceOf(DeadlineExceededException.class);
            assertThat(supervisor.waiting()).isZero();
        }
        assertThat(order).isEmpty();
    }

    @Test
    void aWaitThatIsGrantedIsMeasuredAndOneThatDidNotWaitIsNot() {
        Supervisor supervisor = builder(policy).build();
        CompletableFuture<String> holder = new CompletableFuture<>();
        supervisor.runAsync(context -> holder);
        supervisor.runAsync(context -> paid("second"));
        time.advance(SECOND);
        holder.complete("first");

        assertThat(telemetry.told().stream().filter(call -> call.startsWith("admissionWait")))
                .containsExactly("admissionWait 1000000000");
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void thePermitIsBackBeforeTheHooksOfItsExecution() {
        Supervisor supervisor = builder(policy).build();
        hooks.then(call -> {
            if (call.execution().name().equals("payment") && !call.hook().equals("onStart")) {
                hooks.then(next -> {});
                assertThat(supervisor.runAsync(context -> paid("inside the hook")))
                        .isCompleted();
            }
        });

        supervisor.runAsync(context -> CompletableFuture.completedFuture("paid"));

        assertThat(order).containsExactly("inside the hook");
    }

    @Test
    void waitingHoldsNoThread() {
        QueuedExecutor executor = new QueuedExecutor();
        Supervisor supervisor = builder(policy).executor(executor).build();
        CompletableFuture<String> holder = new CompletableFuture<>();
        supervisor.runAsync(context -> holder);
        int before = Thread.activeCount();
        for (int i = 0; i < 10_000; i++) {
            supervisor.runAsync(context -> paid("waited"));
        }

        assertThat(supervisor.waiting()).isEqualTo(10_000);
        assertThat(executor.size()).isZero();
        // Others may have begun some meanwhile, but not as many.
        assertThat(Thread.activeCount()).isLessThan(before + 1_000);
        holder.complete("done");
        executor.runAll();
        assertThat(order).hasSize(10_000);
    }
}
