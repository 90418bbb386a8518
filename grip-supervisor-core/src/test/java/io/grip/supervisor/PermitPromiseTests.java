package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The promise about permits: one is never lost and never given back twice, and they are served in order of arrival. */
class PermitPromiseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final CompletableFuture<String> held = new CompletableFuture<>();

    @AfterEach
    void noTestLeavesItsInterruptBehind() {
        Thread.interrupted();
    }

    private Supervisor limited(SupervisorPolicy policy) {
        return Supervisor.builder("limited")
                .time(time)
                .hooks(hooks)
                .executor(Runnable::run)
                .shutdownGrace(Duration.ZERO)
                .policy(policy.withAdmission(AdmissionPolicy.of(1).withMaxWait(SECOND)))
                .build();
    }

    /** Whether all permits are free: one execution gets the only one at once, and none waits. */
    private static void assertWhole(Supervisor supervisor) {
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.waiting()).isZero();
        supervisor.resume();
        assertThat(supervisor.<String>run(context -> "free").value()).isEqualTo("free");
        // A permit too many would let a second one in beside the first.
        Result<Result<String>> nested = supervisor.run(outer -> {
            Thread.currentThread().interrupt();
            Result<String> inner = supervisor.run(context -> "one too many");
            Thread.interrupted();
            return inner;
        });
        assertThat(nested.value().isSuccess()).isFalse();
    }

    private record Waiting(Thread thread, AtomicReference<Result<String>> result) {
        Result<String> await() throws InterruptedException {
            thread.join(PATIENCE.toMillis());
            assertThat(result.get()).as("the waiter is over").isNotNull();
            return result.get();
        }
    }

    private Waiting waitFor(Supervisor supervisor) throws InterruptedException {
        AtomicReference<Result<String>> result = new AtomicReference<>();
        Thread thread = new Thread(() -> result.set(supervisor.run(context -> "served")));
        thread.setDaemon(true);
        thread.start();
        time.awaitWaitingThreads(1, PATIENCE);
        return new Waiting(thread, result);
    }

    static Stream<Arguments> endsOfAWait() {
        return Stream.of(
                end("timed out", FailureKind.REJECTED, test -> test.time.advance(SECOND)),
                end("drained", FailureKind.SHUTDOWN, test -> test.supervisor().drain()));
    }

    private static Arguments end(String name, FailureKind kind, Consumer<PermitPromiseTests> by) {
        return Arguments.of(name, kind, by);
    }

    private Supervisor current;

    private Supervisor supervisor() {
        return current;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endsOfAWait")
    void aBlockedWaiterThatGivesUpTakesNothingAlong(String name, FailureKind kind, Consumer<PermitPromiseTests> by)
            throws InterruptedException {
        current = limited(SupervisorPolicy.defaults());
        CompletableFuture<Result<String>> holder = current.runAsync(context -> held);
        Waiting waiting = waitFor(current);
        assertThat(current.waiting()).isOne();

        by.accept(this);

        assertThat(waiting.await().failure()).isEqualTo(kind);
        assertThat(waiting.await().attempts()).isZero();
        held.complete("done");
        assertThat(holder).isCompleted();
        assertWhole(current);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endsOfAWait")
    void anAsynchronousWaiterThatGivesUpTakesNothingAlong(
            String name, FailureKind kind, Consumer<PermitPromiseTests> by) {
        current = limited(SupervisorPolicy.defaults());
        current.runAsync(context -> held);
        CompletableFuture<Result<String>> waiting =
                current.runAsync(context -> CompletableFuture.completedFuture("served"));
        assertThat(current.waiting()).isOne();

        by.accept(this);

        assertThat(waiting.getNow(null).failure()).isEqualTo(kind);
        held.complete("done");
        assertWhole(current);
    }

    @Test
    void aWaiterThatIsInterruptedTakesNothingAlongAndKeepsItsFlag() throws InterruptedException {
        Supervisor supervisor = limited(SupervisorPolicy.defaults());
        supervisor.runAsync(context -> held);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        AtomicReference<Result<String>> result = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            result.set(supervisor.run(context -> "served"));
            flag.set(Thread.currentThread().isInterrupted());
        });
        thread.start();
        time.awaitWaitingThreads(1, PATIENCE);

        thread.interrupt();
        thread.join(PATIENCE.toMillis());

        assertThat(result.get().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(flag).hasValue(true);
        held.complete("done");
        assertWhole(supervisor);
    }

    @Test
    void aWaiterWhoseFutureIsCancelledTakesNothingAlong() {
        Supervisor supervisor = limited(SupervisorPolicy.defaults());
        supervisor.runAsync(context -> held);
        CompletableFuture<Result<String>> waiting =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("served"));

        waiting.cancel(true);

        assertThat(supervisor.waiting()).isZero();
        held.complete("done");
        assertWhole(supervisor);
    }

    @Test
    void aDeadlineEndsTheWaitWithItsOwnKind() {
        Supervisor supervisor =
                limited(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(Duration.ofMillis(400))));
        CompletableFuture<Result<String>> holder = supervisor.runAsync(context -> held);
        CompletableFuture<Result<String>> waiting =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("served"));

        time.advance(Duration.ofMillis(400));

        assertThat(waiting.getNow(null).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(holder.getNow(null).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(held).isCancelled();
        assertWhole(supervisor);
    }

    @Test
    void waitersOfBothSortsAreServedInTheOrderOfTheirArrival() throws InterruptedException {
        Supervisor supervisor = limited(SupervisorPolicy.defaults());
        List<String> served = new CopyOnWriteArrayList<>();
        supervisor.runAsync(context -> held);
        supervisor.runAsync(context -> {
            served.add("first, asynchronous");
            return CompletableFuture.completedFuture("value");
        });
        Thread second = new Thread(() -> supervisor.run(context -> served.add("second, blocked")));
        second.start();
        time.awaitWaitingThreads(1, PATIENCE);
        supervisor.runAsync(context -> {
            served.add("third, asynchronous");
            return CompletableFuture.completedFuture("value");
        });
        assertThat(supervisor.waiting()).isEqualTo(3);

        held.complete("done");
        second.join(PATIENCE.toMillis());

        assertThat(served).containsExactly("first, asynchronous", "second, blocked", "third, asynchronous");
        assertWhole(supervisor);
    }

    @Test
    void anExecutionKeepsItsPlaceThroughARetryAndNobodyOvertakesAWaiter() {
        Supervisor supervisor = limited(SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(2).withBackoff(Duration.ofMillis(100)).withJitter(0)));
        List<String> attempts = new CopyOnWriteArrayList<>();
        AtomicInteger ofOldest = new AtomicInteger();
        CompletableFuture<Result<String>> oldest = supervisor.runAsync(context -> {
            attempts.add("oldest " + ofOldest.incrementAndGet());
            return ofOldest.get() == 1
                    ? CompletableFuture.failedFuture(new IOException("again"))
                    : CompletableFuture.completedFuture("oldest");
        });
        // The permit is free during the backoff, and two others come: one takes it, one waits.
        supervisor.runAsync(context -> {
            attempts.add("second");
            return held;
        });
        supervisor.runAsync(context -> {
            attempts.add("third");
            return CompletableFuture.completedFuture("third");
        });
        time.advance(Duration.ofMillis(100));
        assertThat(supervisor.waiting()).isEqualTo(2);

        held.complete("second");

        assertThat(attempts).containsExactly("oldest 1", "second", "oldest 2", "third");
        assertThat(oldest.getNow(null).value()).isEqualTo("oldest");
        assertWhole(supervisor);
    }

    @Test
    void onceAdmittedAnExecutionIsNeverRejectedLater() {
        Supervisor supervisor = Supervisor.builder("limited")
                .time(time)
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(2)
                                .withBackoff(Duration.ofMillis(100))
                                .withJitter(0))
                        .withAdmission(AdmissionPolicy.of(1)))
                .build();
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Result<String>> admitted = supervisor.runAsync(context -> calls.incrementAndGet() == 1
                ? CompletableFuture.failedFuture(new IOException("again"))
                : CompletableFuture.completedFuture("second"));
        supervisor.runAsync(context -> held);

        time.advance(Duration.ofHours(1));
        assertThat(admitted).isNotDone();
        held.complete("done");

        assertThat(admitted.getNow(null).value()).isEqualTo("second");
    }

    @Test
    void thePermitIsBackBeforeAnyHookAndBeforeTheCallerSeesTheResult() {
        Supervisor supervisor =
                limited(SupervisorPolicy.defaults().withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO)));
        List<Integer> running = new CopyOnWriteArrayList<>();
        hooks.then(call -> {
            if (!call.hook().equals("onStart")) {
                running.add(supervisor.inFlight());
                assertThat(call.execution()).isNotNull();
            }
        });
        supervisor.run(context -> {
            assertThat(supervisor.inFlight()).isOne();
            throw new IOException();
        });
        assertThat(running).isNotEmpty().containsOnly(0);
        assertWhole(supervisor);
    }

    @Test
    void aRejectionSaysHowManyRunAndHowLongItWaited() {
        Supervisor supervisor = limited(SupervisorPolicy.defaults());
        supervisor.runAsync(context -> held);
        CompletableFuture<Result<String>> waiting =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("served"));
        time.advance(SECOND);
        assertThat(waiting.getNow(null).cause()).isInstanceOfSatisfying(AdmissionRejectedException.class, refused -> {
            assertThat(refused.limit()).isOne();
            assertThat(refused.inFlight()).isOne();
            assertThat(refused.waited()).isEqualTo(SECOND);
        });
    }

    /** Real threads and real time: whatever meets whatever, in the end nothing is out and nobody waits. */
    @Test
    void nothingIsLostOrDoubledUnderFire() throws InterruptedException {
        Supervisor supervisor = Supervisor.builder("fire")
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(2).withBackoff(Duration.ofNanos(1_000)))
                        .withDeadline(DeadlinePolicy.of(Duration.ofMillis(50)))
                        .withAdmission(AdmissionPolicy.of(2).withMaxWait(Duration.ofNanos(200_000))))
                .build();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(8);
        for (int thread = 0; thread < 8; thread++) {
            int number = thread;
            Thread caller = new Thread(() -> {
                for (int round = 0; round < 2_000; round++) {
                    int turn = round + number;
                    if (turn % 7 == 0) {
                        Thread.currentThread().interrupt();
                    }
                    supervisor.run(context -> {
                        most.accumulateAndGet(now.incrementAndGet(), Math::max);
                        try {
                            if (turn % 3 == 0) {
                                throw new IOException("some fail");
                            }
                            return turn;
                        } finally {
                            now.decrementAndGet();
                        }
                    });
                    Thread.interrupted();
                }
                done.countDown();
            });
            caller.setDaemon(true);
            caller.start();
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(most.get()).isBetween(1, 2);
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.waiting()).isZero();
        // From here on they may take as long as they like.
        supervisor.update(supervisor.policy().withDeadline(DeadlinePolicy.none()));
        CountDownLatch both = new CountDownLatch(2);
        CompletableFuture<Result<String>> one = supervisor.runAsync(context -> held);
        CompletableFuture<Result<String>> two = supervisor.runAsync(context -> held);
        one.whenComplete((value, failure) -> both.countDown());
        two.whenComplete((value, failure) -> both.countDown());
        held.complete("both permits are still there");
        assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(one.join().isSuccess() && two.join().isSuccess()).isTrue();
    }
}
