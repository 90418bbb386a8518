package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.fixture.Background;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code close()} and {@code awaitIdle} with asynchronous executions under way. */
@Timeout(30)
class AsyncCloseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final AtomicInteger calls = new AtomicInteger();
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofMinutes(1)));
    private final Supervisor supervisor = builder().build();

    private Supervisor.Builder builder() {
        return Supervisor.builder("payment")
                .policy(policy)
                .time(time)
                .hooks(hooks)
                .telemetry(telemetry)
                .executor(Runnable::run);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        assertThat(Thread.interrupted()).as("interrupt flag").isFalse();
        assertThat(time.pendingTimers()).isZero();
    }

    private Background<Void> closing(Supervisor closed) throws InterruptedException {
        Background<Void> closer = Background.run(closed::close);
        time.awaitWaitingThreads(1, PATIENCE);
        return closer;
    }

    @Test
    void waitsForAnExecutionThatEndsWithinTheGrace() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        Background<Void> closer = closing(supervisor);
        time.advance(GRACE.minusNanos(1));
        assertThat(closer.isDone()).isFalse();
        assertThat(stage).isNotDone();

        stage.complete("paid");

        closer.get();
        assertThat(future.join().value()).isEqualTo("paid");
        assertThat(telemetry.count("closed")).isEqualTo(1);
    }

    @Test
    void cancelsTheStagesThatAreLeftAfterTheGrace() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        Background<Void> closer = closing(supervisor);

        time.advance(GRACE);

        closer.get();
        assertThat(stage).isCancelled();
        assertThat(future).isCompleted();
        assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(future.join().cause()).isInstanceOf(SupervisorShutdownException.class);
        assertThat(hooks.texts()).containsExactly("onStart", "onFailure SHUTDOWN");
        assertThat(telemetry.count("attempt CANCELLED")).isEqualTo(1);
        assertThat(telemetry.count("closed")).isEqualTo(1);
    }

    @Test
    void doesNotRetryWhatFailsDuringTheGrace() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        Background<Void> closer = closing(supervisor);
        IOException down = new IOException("down");

        stage.completeExceptionally(down);

        closer.get();
        assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(future.join().cause()).hasCause(down);
        assertThat(hooks.names()).containsExactly("onStart", "onFailure");
    }

    @Test
    void endsAThousandBackoffsAndAThousandWaitsForAPermitAtOnce() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        Supervisor wide = builder()
                .policy(policy.withAdmission(AdmissionPolicy.unlimited()))
                .build();
        List<CompletableFuture<Result<String>>> futures = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            futures.add(wide.runAsync(this::fail));
        }
        supervisor.runAsync(context -> stage);
        for (int i = 0; i < 1000; i++) {
            futures.add(supervisor.runAsync(this::fail));
        }
        assertThat(calls).hasValue(1000);

        wide.close();
        supervisor.drain();

        assertThat(futures).hasSize(2000).allSatisfy(future -> {
            assertThat(future).isCompleted();
            assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
        });
        assertThat(calls).hasValue(1000);
        stage.complete("last");
        supervisor.close();
        assertThat(telemetry.count("execution SHUTDOWN")).isEqualTo(2000);
    }

    @Test
    void theTimeItTakesGrowsWithTheNumberOfExecutionsAndNoFaster() {
        Supervisor wide = Supervisor.builder("wide")
                .policy(policy.withAdmission(AdmissionPolicy.unlimited()))
                .time(time)
                .executor(Runnable::run)
                .build();
        for (int i = 0; i < 100_000; i++) {
            wide.runAsync(context -> CompletableFuture.failedFuture(DOWN));
        }

        // With a look at all others for each that ends this would take minutes; the test's own timeout is the bound.
        Background.run(wide::close);
        org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> time.pendingTimers() == 0);
    }

    private static final IOException DOWN = new IOException("down");

    @Test
    void endsBackoffsAtOnceOnTheDefaultExecutorToo() throws Exception {
        Supervisor wide = Supervisor.builder("wide")
                .policy(policy.withAdmission(AdmissionPolicy.unlimited()))
                .time(time)
                .build();
        List<CompletableFuture<Result<String>>> futures = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            futures.add(wide.runAsync(this::fail));
        }

        Background.run(wide::close).get();

        assertThat(futures).allSatisfy(future -> {
            assertThat(future).isCompleted();
            assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
        });
    }

    @Test
    void aSecondCallerWaitsWithTheFirst() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        Background<Void> first = closing(supervisor);
        Background<Void> second = Background.run(supervisor::close);
        time.awaitWaitingThreads(2, PATIENCE);
        assertThat(first.isDone() || second.isDone()).isFalse();

        stage.complete("paid");

        first.get();
        second.get();
        assertThat(telemetry.count("closed")).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerStopsWaitingAndKeepsItsFlagWhileTheCloseGoesOn() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        Background<Boolean> closer = Background.call(() -> {
            supervisor.close();
            return Thread.currentThread().isInterrupted();
        });
        time.awaitWaitingThreads(1, PATIENCE);

        closer.thread().interrupt();

        assertThat(closer.get()).isTrue();
        assertThat(future).isNotDone();
        time.advance(GRACE);
        assertThat(future).isCompleted();
        assertThat(stage).isCancelled();
    }

    @Test
    void doesNotWaitForTheExecutionOfTheHookItIsCalledFrom() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        hooks.then(call -> {
            if (call.hook().equals("onSuccess")) {
                supervisor.close();
            }
        });
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);

        Background.call(() -> stage.complete("paid")).get();

        assertThat(future.join().value()).isEqualTo("paid");
    }

    @Test
    void doesNotWaitForTheExecutionOfTheTaskItIsCalledFrom() throws Exception {
        CompletableFuture<Result<String>> future = Background.call(() -> supervisor.runAsync(context -> {
                    supervisor.close();
                    return CompletableFuture.completedFuture("paid");
                }))
                .get();

        assertThat(future.join().value()).isEqualTo("paid");
    }

    @Test
    void doesNotWaitForTheExecutionOfATaskOnItsOwnThread() throws Exception {
        Supervisor own = builder().runner(ExecutorRunner.ownThread()).build();
        CompletableFuture<Result<String>> future = Background.call(() -> own.runAsync(context -> {
                    own.close();
                    return CompletableFuture.completedFuture("paid");
                }))
                .get();

        assertThat(future.join().value()).isEqualTo("paid");
    }

    @Test
    void calledFromADependentOfAStageItWaitsNoLongerThanTheGrace() throws Exception {
        CompletableFuture<String> source = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> source.thenApply(value -> {
            supervisor.close();
            return value;
        }));
        Background<Boolean> completing = Background.call(() -> source.complete("paid"));
        time.awaitWaitingThreads(1, PATIENCE);

        // Nobody can tell that this thread is to complete the stage, so the execution counts as any other's.
        time.advance(GRACE);

        completing.get();
        assertThat(future.join().failure()).isEqualTo(FailureKind.SHUTDOWN);
    }

    @Test
    void waitsForOtherExecutionsThanItsCallersOwn() throws Exception {
        Supervisor two =
                builder().policy(policy.withAdmission(AdmissionPolicy.of(2))).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> other = two.runAsync(context -> stage);
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> two.runAsync(context -> {
            two.close();
            return CompletableFuture.completedFuture("paid");
        }));
        time.awaitWaitingThreads(1, PATIENCE);
        assertThat(caller.isDone()).isFalse();
        stage.complete("other");

        assertThat(caller.get().join().value()).isEqualTo("paid");
        assertThat(other.join().value()).isEqualTo("other");
    }

    @Test
    void givesUpOnAnExecutorThatRunsNothing() throws Exception {
        Supervisor stuck = builder().executor(command -> {}).build();
        CompletableFuture<Result<String>> future = stuck.runAsync(this::fail);
        Background<Void> closer = closing(stuck);
        time.advance(GRACE.plus(SECOND).minusNanos(1));
        assertThat(closer.isDone()).isFalse();
        time.advance(Duration.ofNanos(1));

        closer.get();
        assertThat(future).as("nobody but the executor can go on with it").isNotDone();
        assertThat(future.cancel(true)).isTrue();
    }

    @Test
    void doesNotWaitForAThreadThatWasLeftBehind() throws Exception {
        Supervisor own = builder()
                .policy(policy.withRetry(RetryPolicy.none())
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND)))
                .runner(ExecutorRunner.ownThread())
                .build();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> own.runAsync(context -> {
            awaitUninterruptibly(release);
            over.countDown();
            return CompletableFuture.completedFuture("late");
        }));
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);
        assertThat(caller.get()).isCompleted();

        Background.run(own::close).get();

        assertThat(over.getCount()).as("it still runs").isEqualTo(1);
        release.countDown();
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
        time.advance(SECOND);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean open = false;
        while (!open) {
            try {
                latch.await();
                open = true;
            } catch (InterruptedException ignoredOnPurpose) {
                // A task that will not listen.
            }
        }
    }

    @Test
    void aDependentOfTheFutureThatTakesItsTimeIsNotWaitedFor() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        supervisor.runAsync(context -> stage).thenRun(() -> {
            inside.countDown();
            awaitUninterruptibly(release);
        });
        Background<Boolean> completing = Background.call(() -> stage.complete("paid"));
        inside.await();

        supervisor.close();

        release.countDown();
        completing.get();
        assertThat(telemetry.count("closed")).isEqualTo(1);
    }

    @Test
    void idleMeansThatNothingRunsOrWaits() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> waiting = supervisor.runAsync(this::fail);
        Background<Boolean> impatient = Background.call(() -> supervisor.awaitIdle(SECOND));
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);
        assertThat(impatient.get()).isFalse();

        Background<Boolean> patient = Background.call(() -> supervisor.awaitIdle(Duration.ofDays(1)));
        time.awaitWaitingThreads(1, PATIENCE);
        stage.complete("paid");
        assertThat(patient.isDone()).as("the next one backs off").isFalse();
        time.advance(SECOND.multipliedBy(2));

        assertThat(patient.get()).isTrue();
        assertThat(waiting).isCompleted();
    }

    @Test
    void idleIsAskedFromATaskAboutAllOthers() {
        AtomicReference<Boolean> idle = new AtomicReference<>();
        supervisor.runAsync(context -> {
            try {
                idle.set(supervisor.awaitIdle(Duration.ZERO));
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
            return CompletableFuture.completedFuture("paid");
        });
        assertThat(idle).hasValue(true);
    }

    private CompletableFuture<String> fail(ExecutionContext context) throws IOException {
        calls.incrementAndGet();
        throw new IOException("down");
    }
}
