package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asynchronous tasks whose synchronous part runs on a thread of its own. */
@Timeout(30)
class AsyncOwnThreadTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicReference<Thread> own = new AtomicReference<>();
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.none())
            .withAdmission(AdmissionPolicy.of(1))
            .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));
    private final Supervisor supervisor = builder().build();

    private Supervisor.Builder builder() {
        return Supervisor.builder("payment")
                .policy(policy)
                .time(time)
                .telemetry(telemetry)
                .executor(Runnable::run)
                .runner(ExecutorRunner.ownThread());
    }

    @AfterEach
    void letGo() {
        release.countDown();
        assertThat(Thread.interrupted()).as("interrupt flag").isFalse();
    }

    @Test
    void theSynchronousPartRunsOnAThreadOfItsOwnWithWhatTheCallersCarries() {
        ThreadLocal<String> user = new ThreadLocal<>();
        user.set("ann");
        Supervisor carrying = builder()
                .carrier(() -> {
                    String captured = user.get();
                    return new ContextCarrier.Captured() {
                        @Override
                        public <T> T call(ContextCarrier.Call<T> body) throws Exception {
                            user.set(captured);
                            return body.call();
                        }
                    };
                })
                .build();
        CompletableFuture<Result<String>> future = carrying.runAsync(context -> {
            own.set(Thread.currentThread());
            assertThat(ExecutionContext.current()).isSameAs(context);
            return CompletableFuture.completedFuture("for " + user.get());
        });

        assertThat(future).isCompleted();
        assertThat(future.join().value()).isEqualTo("for ann");
        assertThat(own.get()).isNotSameAs(Thread.currentThread());
        assertThat(own.get().isDaemon()).isTrue();
    }

    @Test
    void thePermitIsHeldUntilTheStageEnds() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        assertThat(supervisor.inFlight()).isEqualTo(1);
        assertThat(rejectedNow()).isTrue();

        stage.complete("paid");

        assertThat(future.join().value()).isEqualTo("paid");
        assertThat(supervisor.inFlight()).isZero();
        assertThat(rejectedNow()).isFalse();
    }

    @Test
    void whatTheTaskThrowsIsItsFailure() {
        IOException down = new IOException("down");
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            throw down;
        });

        assertThat(future).isCompleted();
        assertThat(future.join().cause()).isSameAs(down);
        assertThat(rejectedNow()).isFalse();
    }

    @Test
    void anInterruptThatIsNotOursIsAFailureAndTheCallersFlagStaysClear() {
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            throw new InterruptedException("somebody's");
        });

        assertThat(future).isCompleted();
        assertThat(future.join().failure()).isEqualTo(FailureKind.HANDLER_ERROR);
    }

    @Test
    void aThreadThatIsLeftBehindKeepsThePermitUntilItEnds() throws Exception {
        AtomicReference<CompletableFuture<String>> late = new AtomicReference<>();
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> supervisor.runAsync(context -> {
            own.set(Thread.currentThread());
            awaitUninterruptibly(release);
            late.set(new CompletableFuture<>());
            return late.get();
        }));
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);

        Result<String> result = caller.get().get(10, TimeUnit.SECONDS);
        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(result.cause()).isInstanceOf(AttemptTimeoutException.class);
        assertThat(rejectedNow()).as("the permit is the thread's").isTrue();
        assertThat(supervisor.abandonedThreads()).isEmpty();
        time.advance(SECOND);
        assertThat(supervisor.abandonedThreads()).singleElement().satisfies(abandoned -> {
            assertThat(abandoned.thread()).isEqualTo(own.get().getName());
            assertThat(abandoned.age()).isEqualTo(SECOND);
        });

        release.countDown();

        Awaitility.await().atMost(PATIENCE).until(() -> !rejectedNow());
        assertThat(supervisor.abandonedThreads()).isEmpty();
        Awaitility.await().atMost(PATIENCE).until(() -> late.get().isCancelled());
        Awaitility.await().atMost(PATIENCE).until(() -> telemetry.count("lateResult") == 1);
    }

    @Test
    void aThreadThatListensToItsInterruptGivesThePermitBack() throws Exception {
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> supervisor.runAsync(context -> {
            new CountDownLatch(1).await();
            return CompletableFuture.completedFuture("never");
        }));
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);

        assertThat(caller.get().join().cause()).isInstanceOf(AttemptTimeoutException.class);
        Awaitility.await().atMost(PATIENCE).until(() -> !rejectedNow());
        time.advance(SECOND);
        assertThat(supervisor.abandonedThreads()).isEmpty();
    }

    @Test
    void cancellingTheContextLeavesTheThread() throws Exception {
        AtomicReference<ExecutionContext> attempt = new AtomicReference<>();
        CountDownLatch inside = new CountDownLatch(1);
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> supervisor.runAsync(context -> {
            attempt.set(context);
            inside.countDown();
            new CountDownLatch(1).await();
            return CompletableFuture.completedFuture("never");
        }));
        inside.await();
        attempt.get().cancel();

        assertThat(caller.get().join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        Awaitility.await().atMost(PATIENCE).until(() -> !rejectedNow());
    }

    @Test
    void anInterruptOfTheCallerLeavesTheThreadAndIsHandedOn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Background<CompletableFuture<Result<String>>> caller = Background.call(() -> {
            AsyncTask<String> task = context -> {
                inside.countDown();
                new CountDownLatch(1).await();
                return CompletableFuture.completedFuture("never");
            };
            CompletableFuture<Result<String>> future = supervisor.runAsync(task);
            flag.set(Thread.currentThread().isInterrupted());
            return future;
        });
        inside.await();
        time.awaitWaitingThreads(1, PATIENCE);
        caller.thread().interrupt();

        Result<String> result = caller.get().join();
        assertThat(result.failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(result.cause()).isInstanceOf(InterruptedException.class);
        assertThat(flag).hasValue(true);
        Awaitility.await().atMost(PATIENCE).until(() -> !rejectedNow());
    }

    private boolean rejectedNow() {
        CompletableFuture<Result<String>> probe =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("free"));
        return probe.join().failure() == FailureKind.REJECTED;
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
}
