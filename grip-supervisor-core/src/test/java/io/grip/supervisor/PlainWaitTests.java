package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Calls that nobody listens to, in the wait between two of their attempts. */
class PlainWaitTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration BACKOFF = Duration.ofSeconds(10);
    private static final IOException FAILURE = new IOException("the first attempt");

    private final ManualTime time = ManualTime.create();
    private final SupervisorPolicy policy = SupervisorPolicy.none()
            .withRetry(
                    RetryPolicy.of(3).withBackoff(BackoffPolicy.fixed(BACKOFF)).withJitter(0));
    private final Supervisor supervisor = supervisor(policy);
    private final List<ExecutionContext> contexts = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Thread> caller = new AtomicReference<>();

    @Test
    void endWhenTheBackoffIsOverAndNoSooner() throws Exception {
        CompletableFuture<Integer> answer = call(supervisor, this::failOnce);

        time.advance(BACKOFF.minusNanos(1));
        time.awaitWaitingThreads(1, PATIENCE);
        assertThat(contexts).hasSize(1);
        time.advance(Duration.ofNanos(1));

        assertThat(end(answer)).isEqualTo(2);
        assertThat(supervisor.awaitIdle(PATIENCE)).isTrue();
    }

    @Test
    void areNotInFlightAndNotIdleEither() throws Exception {
        CompletableFuture<Integer> answer = call(supervisor, this::failOnce);

        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.awaitIdle(Duration.ZERO)).isFalse();
        assertThat(contexts.get(0).isCancelled()).as("that attempt has failed").isTrue();

        time.advance(BACKOFF);
        assertThat(end(answer)).isEqualTo(2);
        assertThat(contexts.get(1)).isNotSameAs(contexts.get(0));
        assertThat(contexts.get(1).isCancelled()).isFalse();
        assertThat(contexts.get(1).attempt()).isEqualTo(2);
    }

    @Test
    void endWithADrainAndWithAClose() throws Exception {
        for (boolean close : new boolean[] {false, true}) {
            Supervisor ending = supervisor(policy);
            CompletableFuture<Integer> answer = call(ending, this::failOnce);
            if (close) {
                ending.close();
            } else {
                ending.drain();
            }

            assertThatThrownBy(() -> end(answer))
                    .isInstanceOf(SupervisorShutdownException.class)
                    .hasCause(FAILURE);
            assertThat(ending.inFlight()).isZero();
        }
        assertThat(contexts).hasSize(2);
    }

    @Test
    void endWithAnInterruptOfTheThread() throws Exception {
        AtomicReference<Boolean> flag = new AtomicReference<>();
        CompletableFuture<Integer> answer = start(() -> {
            try {
                return supervisor.call(this::failOnce);
            } finally {
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        time.awaitWaitingThreads(1, PATIENCE);

        caller.get().interrupt();

        assertThatThrownBy(() -> end(answer))
                .isInstanceOf(InterruptedException.class)
                .hasCause(FAILURE);
        assertThat(flag.get()).isFalse();
        assertThat(contexts).hasSize(1);
    }

    @Test
    void goOnWhateverTheContextOfTheAttemptBeforeThemIsAsked() throws Exception {
        CompletableFuture<Integer> answer = call(supervisor, this::failOnce);

        contexts.get(0).cancel();
        contexts.get(0).commit();
        // A cancel makes everybody look whether it is meant; whoever is not meant waits again.
        time.awaitWaitingThreads(1, PATIENCE);
        assertThat(answer).isNotDone();
        time.advance(BACKOFF);

        assertThat(end(answer)).isEqualTo(2);
        assertThat(contexts.get(1).isCancelled()).isFalse();
    }

    @Test
    void areFollowedByAttemptsThatACancelEnds() throws Exception {
        CompletableFuture<Integer> answer = call(supervisor, context -> {
            contexts.add(context);
            if (contexts.size() == 1) {
                throw FAILURE;
            }
            contexts.get(1).cancel();
            new CountDownLatch(1).await();
            return -1;
        });

        time.advance(BACKOFF);

        assertThatThrownBy(() -> end(answer)).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void areFollowedByAnAttemptUnderTheLimitThatIsInForceByThen() throws Exception {
        CompletableFuture<Integer> answer = call(supervisor, this::failOnce);
        supervisor.update(policy.withAdmission(AdmissionPolicy.of(1)));
        AtomicReference<CompletableFuture<Integer>> holder = new AtomicReference<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        CompletableFuture<Void> held = new CompletableFuture<>();
        holder.set(start(() -> supervisor.call(context -> {
            held.complete(null);
            release.get();
            return 0;
        })));
        held.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        time.advance(BACKOFF);
        await().atMost(PATIENCE).until(() -> supervisor.waiting() == 1);
        release.complete(null);

        assertThat(end(answer)).isEqualTo(2);
        assertThat(end(holder.get())).isZero();
    }

    @Test
    void areFollowedByAnAttemptWithATimeoutOfItsOwn() throws Exception {
        Supervisor limited =
                supervisor(policy.withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))));
        CompletableFuture<Integer> answer = call(limited, context -> {
            contexts.add(context);
            if (contexts.size() == 2) {
                assertThat(context.remaining()).contains(Duration.ofSeconds(1));
                time.advance(Duration.ofSeconds(1));
                new CountDownLatch(1).await();
            }
            throw FAILURE;
        });

        time.advance(BACKOFF);
        await().atMost(PATIENCE).until(() -> contexts.size() == 2 && limited.inFlight() == 0);
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(BACKOFF);

        assertThatThrownBy(() -> end(answer)).isSameAs(FAILURE);
        assertThat(contexts).hasSize(3);
    }

    @Test
    void areNotInterruptedByTheTimeoutOfTheAttemptBefore() throws Exception {
        Clock clock = new Clock(now -> now);
        Supervisor limited = Supervisor.builder("limited")
                .policy(policy.withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                .time(clock)
                .build();

        assertThat(limited.call(this::failOnce)).isEqualTo(2);
        assertThat(clock.rang).as("the watchdog has looked at the wait").isTrue();
        assertThat(clock.interrupted).isFalse();
    }

    @Test
    void areNotBegunWhereTheDeadlineComesFirst() throws Exception {
        Supervisor limited = supervisor(policy.withDeadline(DeadlinePolicy.of(BACKOFF)));
        CompletableFuture<Integer> answer = start(() -> limited.call(this::failOnce));

        assertThatThrownBy(() -> end(answer)).isSameAs(FAILURE);
    }

    @Test
    void areFollowedByNothingIfTheyEndTooLateForTheDeadline() throws Exception {
        Supervisor late = Supervisor.builder("late")
                .policy(policy.withDeadline(DeadlinePolicy.of(BACKOFF.plusSeconds(1))))
                .time(new Clock(now -> now + Duration.ofSeconds(1).toNanos()))
                .build();

        assertThatThrownBy(() -> late.call(this::failOnce))
                .isInstanceOf(DeadlineExceededException.class)
                .hasCause(FAILURE);
        assertThat(contexts).hasSize(1);
    }

    @Test
    void endInWhateverTheClockThrows() throws Exception {
        IllegalStateException broken = new IllegalStateException("the clock");
        Supervisor timeless = Supervisor.builder("timeless")
                .policy(policy)
                .time(new Clock(now -> {
                    throw broken;
                }))
                .build();

        assertThatThrownBy(() -> timeless.call(this::failOnce)).isSameAs(broken);
        assertThat(timeless.inFlight()).isZero();
        assertThat(contexts).hasSize(1);
    }

    @Test
    void drawTheirJitterOnceWhereTheDeadlineMayBeNearer() throws Exception {
        Supervisor limited = Supervisor.builder("limited")
                .policy(SupervisorPolicy.none()
                        .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1)))
                        .withRetry(RetryPolicy.of(2)
                                .withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(2)))
                                .withJitter(1)))
                .time(new Clock(now -> now))
                .build();
        int calls = 4_000;
        int withoutRoom = 0;
        for (int call = 0; call < calls; call++) {
            try {
                limited.call(this::failOnce);
            } catch (IOException noRoom) {
                withoutRoom++;
            }
        }

        // Half of the delays from 0 to 2 s fit into one; drawn again where they do not, it would be three quarters.
        assertThat(withoutRoom / (double) calls).isBetween(0.45, 0.55);
    }

    @Test
    void areAnExecutionOfItsOwnForWhateverTheClockDoesOnTheirThread() throws Exception {
        AtomicReference<Boolean> cancelled = new AtomicReference<>();
        Supervisor busy = Supervisor.builder("busy")
                .policy(policy)
                .time(new Clock(now -> {
                    cancelled.set(ExecutionContext.current().isCancelled());
                    return now;
                }))
                .build();

        assertThat(busy.call(this::failOnce)).isEqualTo(2);
        assertThat(cancelled.get()).isFalse();
    }

    @Test
    void endCancelledIfTheClockCancelsThem() throws Exception {
        Supervisor busy = Supervisor.builder("busy")
                .policy(policy)
                .time(new Clock(now -> {
                    ExecutionContext.current().cancel();
                    return now;
                }))
                .build();

        assertThatThrownBy(() -> busy.call(this::failOnce)).hasCause(FAILURE).hasMessageContaining("cancelled");
        assertThat(contexts).hasSize(1);
    }

    @Test
    void tellHooksThatWantToHearFromThenOnHowTheyEndFromTheBeginning() throws Exception {
        LateHooks hooks = new LateHooks();
        Supervisor heard = Supervisor.builder("heard")
                .policy(policy)
                .time(time)
                .hooks(hooks)
                .build();
        CompletableFuture<Integer> answer = call(heard, this::failOnce);
        hooks.interest = Hooks.Interest.EVERYTHING;

        heard.drain();

        assertThatThrownBy(() -> end(answer)).isInstanceOf(SupervisorShutdownException.class);
        assertThat(hooks.heard).containsExactly("start", "failure");
    }

    // ---------------------------------------------------------------- what they have in common

    private static final class LateHooks implements Hooks {

        private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
        private volatile Interest interest = Interest.NOTHING;

        @Override
        public Interest interest() {
            return interest;
        }

        @Override
        public void onStart(Execution execution) {
            heard.add("start");
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            heard.add("failure");
        }
    }

    private int failOnce(ExecutionContext context) throws IOException {
        contexts.add(context);
        if (context.attempt() == 1) {
            throw FAILURE;
        }
        return context.attempt();
    }

    private Supervisor supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("plain").policy(policy).time(time).build();
    }

    /** A call that has come to its first wait. */
    private CompletableFuture<Integer> call(Supervisor called, Task<Integer> task) throws InterruptedException {
        CompletableFuture<Integer> answer = start(() -> called.call(task));
        time.awaitWaitingThreads(1, PATIENCE);
        return answer;
    }

    private interface Body {
        Integer run() throws Exception;
    }

    private CompletableFuture<Integer> start(Body body) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(body.run());
            } catch (Throwable thrown) {
                answer.completeExceptionally(thrown);
            }
        });
        thread.setDaemon(true);
        caller.set(thread);
        thread.start();
        return answer;
    }

    /** What was thrown comes out as it is: what a future makes of a cancellation differs from one JDK to the next. */
    private static Integer end(CompletableFuture<Integer> answer) throws Exception {
        Throwable thrown = answer.handle((value, failure) -> failure).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (thrown instanceof Exception failure) {
            throw failure;
        }
        return answer.join();
    }

    /** Wakes whoever waits at once, when it likes; what is scheduled happens before, on the same thread. */
    private static final class Clock implements TimeSource {

        private final LongUnaryOperator wakesAt;
        private final List<Runnable> scheduled = new ArrayList<>();
        private long now;
        private boolean rang;
        private boolean interrupted;

        Clock(LongUnaryOperator wakesAt) {
            this.wakesAt = wakesAt;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Timer schedule(long at, Runnable action) {
            scheduled.add(action);
            return () -> scheduled.remove(action);
        }

        @Override
        public void parkUntil(long at) {
            now = wakesAt.applyAsLong(at);
            for (Runnable action : List.copyOf(scheduled)) {
                rang = true;
                action.run();
            }
            interrupted |= Thread.currentThread().isInterrupted();
        }

        @Override
        public void park() {
            throw new AssertionError("nobody waits without an end");
        }
    }
}
