package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.QueuedExecutor;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartPolicy;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which thread runs what, and what it finds there. */
@Timeout(30)
class AsyncThreadTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final QueuedExecutor executor = new QueuedExecutor();
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofMinutes(1)))
            .withEscalation(EscalationPolicy.of(false, true));
    private final Thread caller = Thread.currentThread();
    private ExecutorService service;

    private Supervisor.Builder builder(SupervisorPolicy of) {
        return Supervisor.builder("payment").policy(of).time(time).hooks(hooks).executor(executor);
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.shutdownNow();
        }
    }

    /** Runs what the executor holds on a thread that is not the caller's. */
    private Thread runElsewhere() throws Exception {
        Background<Void> worker = Background.run(executor::runAll);
        worker.get();
        return worker.thread();
    }

    // ---------------------------------------------------------------- who runs what

    @Test
    void theFirstAttemptStartsOnTheCallersThreadAndLaterOnesOnTheExecutor() throws Exception {
        Supervisor supervisor = builder(policy).build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::failOnSomeThread);
        assertThat(threads).containsExactly(caller);
        time.advance(SECOND);
        assertThat(threads).as("not on the timer's thread").hasSize(1);
        Thread second = runElsewhere();
        time.advance(SECOND);
        Thread third = runElsewhere();

        assertThat(future).isCompleted();
        assertThat(threads).containsExactly(caller, second, third);
    }

    @Test
    void aRetryWithoutBackoffRunsOnTheExecutorToo() throws Exception {
        Supervisor supervisor = builder(policy.withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO)))
                .build();
        supervisor.runAsync(this::failOnSomeThread);
        assertThat(threads).containsExactly(caller);
        Thread second = runElsewhere();

        assertThat(threads).containsExactly(caller, second);
    }

    @Test
    void aRestartRunsOnTheExecutor() throws Exception {
        Supervisor supervisor = builder(policy.withRetry(RetryPolicy.none().withJitter(0))
                        .withRestart(RestartPolicy.ON_FAILURE)
                        .withBackoff(BackoffPolicy.fixed(SECOND)))
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::failOnSomeThread);
        time.advance(SECOND);
        assertThat(threads).containsExactly(caller);
        Thread second = runElsewhere();

        assertThat(threads).containsExactly(caller, second);
        future.cancel(true);
    }

    @Test
    void anAttemptThatWaitedForItsPermitStartsOnTheExecutorNotOnTheThreadThatReleasedIt() throws Exception {
        Supervisor supervisor = builder(policy.withRetry(RetryPolicy.none())).build();
        AtomicReference<CompletableFuture<Result<String>>> future = new AtomicReference<>();
        supervisor.run(context -> {
            future.set(
                    supervisor.runAsync(ExecutionContext.background(), Execution.of("next"), this::failOnSomeThread));
            return "released";
        });
        assertThat(threads).isEmpty();
        assertThat(hooks.heard())
                .filteredOn(call -> call.execution().name().equals("next"))
                .isEmpty();
        Thread worker = runElsewhere();

        assertThat(threads).containsExactly(worker);
        assertThat(future.get()).isCompleted();
    }

    @Test
    void hooksRunOnTheThreadThatCompletedTheStage() throws Exception {
        Supervisor supervisor = builder(policy).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Thread> completedOn =
                supervisor.runAsync(context -> stage).thenApply(result -> Thread.currentThread());
        Background<Boolean> other = Background.call(() -> stage.complete("paid"));
        other.get();

        assertThat(hooks.last().text()).isEqualTo("onSuccess");
        assertThat(hooks.last().thread()).isSameAs(other.thread());
        assertThat(completedOn.get(10, TimeUnit.SECONDS)).isSameAs(other.thread());
    }

    @Test
    void nothingOfTheUsersRunsOnTheThreadThatReachesALimit() throws Exception {
        Supervisor supervisor = builder(policy.withRetry(RetryPolicy.none())
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND)))
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        stage.whenComplete((value, failure) -> threads.add(Thread.currentThread()));
        CompletableFuture<Thread> completedOn = future.thenApply(result -> Thread.currentThread());

        time.advance(SECOND);

        assertThat(hooks.names()).containsExactly("onStart");
        assertThat(stage).isNotDone();
        assertThat(future).isNotDone();
        Thread worker = runElsewhere();
        assertThat(hooks.last().thread()).isSameAs(worker);
        assertThat(threads).containsExactly(worker);
        assertThat(completedOn.join()).isSameAs(worker);
    }

    @Test
    void nothingOfTheUsersRunsOnTheThreadThatCancelsAContextDrainsOrRunsOutOfPatience() throws Exception {
        Supervisor supervisor = builder(policy).build();
        AtomicReference<ExecutionContext> context = new AtomicReference<>();
        CompletableFuture<Result<String>> running = supervisor.runAsync(of -> {
            context.set(of);
            return new CompletableFuture<>();
        });
        CompletableFuture<Result<String>> impatient = supervisor.runAsync(this::failOnSomeThread);
        time.advance(Duration.ofMinutes(1));
        CompletableFuture<Result<String>> drained = supervisor.runAsync(this::failOnSomeThread);
        context.get().cancel();
        supervisor.drain();

        assertThat(hooks.names()).containsExactly("onStart");
        assertThat(List.of(running, impatient, drained)).noneMatch(CompletableFuture::isDone);
        Thread worker = runElsewhere();
        assertThat(List.of(running, impatient, drained)).allMatch(CompletableFuture::isDone);
        assertThat(hooks.heard().subList(1, hooks.heard().size()))
                .hasSizeGreaterThan(3)
                .allMatch(call -> call.thread() == worker);
        assertThat(impatient.join().failure()).isEqualTo(FailureKind.REJECTED);
    }

    @Test
    void theRealTimerThreadRunsNothingOfTheUsers() throws Exception {
        service = Executors.newFixedThreadPool(2, body -> new Thread(body, "executor"));
        Supervisor supervisor = Supervisor.builder("payment")
                .policy(policy.withRetry(RetryPolicy.of(3)
                                .withBackoff(Duration.ofMillis(1))
                                .withJitter(0))
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofMillis(2))))
                .time(TimeSource.system())
                .hooks(hooks)
                .executor(service)
                .build();
        CountDownLatch over = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            // From there, since an attempt that takes too long to begin is left by the thread that begins it.
            service.execute(() -> supervisor
                    .runAsync(context -> {
                        threads.add(Thread.currentThread());
                        CompletableFuture<String> stage = new CompletableFuture<>();
                        stage.whenComplete((value, failure) -> threads.add(Thread.currentThread()));
                        return stage;
                    })
                    .thenRun(() -> {
                        threads.add(Thread.currentThread());
                        over.countDown();
                    }));
        }

        assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(threads)
                .as("3 attempts, 3 stages left and 1 result of each of 4")
                .hasSize(4 * 7)
                .allMatch(thread -> thread.getName().equals("executor"));
        assertThat(hooks.heard())
                .hasSize(4 * 6)
                .allMatch(call -> call.thread().getName().equals("executor"));
    }

    @Test
    void theDefaultExecutorRunsOnThreadsOfTheLibrarysOwn() throws Exception {
        Supervisor supervisor =
                Supervisor.builder("payment").policy(policy).time(time).build();
        CountDownLatch second = new CountDownLatch(1);
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            threads.add(Thread.currentThread());
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            second.countDown();
            return CompletableFuture.completedFuture("paid");
        });
        time.advance(SECOND);
        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(threads.get(1)).isNotSameAs(caller);
        assertThat(threads.get(1).isDaemon()).isTrue();
        assertThat(future.get(10, TimeUnit.SECONDS).value()).isEqualTo("paid");
    }

    // ---------------------------------------------------------------- what they find there

    @Test
    void theCurrentContextIsTheAttemptsDuringTheSynchronousPartAndTheExecutionsInsideHooks() throws Exception {
        Supervisor supervisor = builder(policy).build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            assertThat(ExecutionContext.current()).isSameAs(context);
            assertThat(context.attempt()).isEqualTo(1 + Collections.frequency(hooks.names(), "onRetry"));
            throw new IOException("down");
        });
        assertThat(ExecutionContext.current()).isSameAs(ExecutionContext.background());
        time.advance(SECOND);
        runElsewhere();
        time.advance(SECOND);
        runElsewhere();

        assertThat(future.join().cause()).isInstanceOf(IOException.class);
        assertThat(hooks.names()).endsWith("onFailure", "onGiveUp", "onEscalate");
        ExecutionContext execution = hooks.heard().get(0).context();
        assertThat(execution.attempt()).isZero();
        assertThat(hooks.heard()).allMatch(call -> call.context() == execution);
    }

    @Test
    void theCarrierIsInPlaceOnLaterAttemptsAndPutBackAfterThem() throws Exception {
        ThreadLocal<String> user = new ThreadLocal<>();
        AtomicInteger captures = new AtomicInteger();
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Supervisor supervisor = builder(policy)
                .carrier(() -> {
                    captures.incrementAndGet();
                    return carrying(user, user.get());
                })
                .build();
        user.set("ann");
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            seen.add(context.attempt() + " for " + user.get());
            throw new IOException("down");
        });
        user.set("bob");
        for (int attempt = 2; attempt <= 3; attempt++) {
            time.advance(SECOND);
            Background.run(() -> {
                        user.set("worker");
                        executor.runAll();
                        seen.add(user.get());
                    })
                    .get();
        }

        assertThat(future).isCompleted();
        assertThat(seen).containsExactly("1 for ann", "2 for ann", "worker", "3 for ann", "worker");
        assertThat(captures).hasValue(1);
    }

    private static ContextCarrier.Captured carrying(ThreadLocal<String> local, String value) {
        return new ContextCarrier.Captured() {
            @Override
            public <T> T call(ContextCarrier.Call<T> body) throws Exception {
                String before = local.get();
                local.set(value);
                try {
                    return body.call();
                } finally {
                    local.set(before);
                }
            }
        };
    }

    // ---------------------------------------------------------------- parents

    private final Supervisor child = Supervisor.builder("child")
            .policy(policy.withAdmission(AdmissionPolicy.unlimited()))
            .time(time)
            .executor(Runnable::run)
            .build();

    private CompletableFuture<Result<String>> startChild() {
        return child.runAsync(
                context -> context.attempt() == 1 ? CompletableFuture.failedFuture(new IOException("down")) : paid());
    }

    private static CompletableFuture<String> paid() {
        return CompletableFuture.completedFuture("paid");
    }

    private void assertThatItGoesOn(CompletableFuture<Result<String>> started) {
        assertThat(started).isNotDone();
        // Somebody cancels something, so that everything that waits is looked at.
        ExecutionContext.background().withTimeout(SECOND).cancel();
        time.advance(SECOND);
        assertThat(started).isCompleted();
        assertThat(started.join().failure()).isEqualTo(FailureKind.NONE);
    }

    @Test
    void whatATaskHasStartedSurvivesItsSuccess() throws Exception {
        Supervisor plain = Supervisor.builder("plain").time(time).build();
        assertThatItGoesOn(plain.call(context -> startChild()));
        assertThatItGoesOn(plain.run(context -> startChild()).value());
    }

    @Test
    void whatAnAsynchronousTaskHasStartedSurvivesItsSuccess() {
        AtomicReference<CompletableFuture<Result<String>>> started = new AtomicReference<>();
        builder(policy).build().runAsync(context -> {
            started.set(startChild());
            return paid();
        });
        assertThatItGoesOn(started.get());
    }

    @Test
    void whatATaskOnItsOwnThreadHasStartedSurvivesItsSuccess() throws Exception {
        Supervisor own = builder(policy).runner(ExecutorRunner.ownThread()).build();
        assertThatItGoesOn(own.call(context -> startChild()));
    }

    @Test
    void whatATaskHasStartedSurvivesTheCloseOfItsSupervisorAfterItsSuccess() throws Exception {
        Supervisor asynchronous = builder(policy).build();
        AtomicReference<CompletableFuture<Result<String>>> started = new AtomicReference<>();
        asynchronous.runAsync(context -> {
            started.set(startChild());
            return paid();
        });
        asynchronous.close();
        assertThatItGoesOn(started.get());
    }

    @Test
    void whatAFailedAttemptHasStartedEndsWithIt() {
        AtomicReference<CompletableFuture<Result<String>>> started = new AtomicReference<>();
        CompletableFuture<Result<String>> future = builder(policy).build().runAsync(context -> {
            started.set(startChild());
            throw new IOException("down");
        });
        ExecutionContext.background().withTimeout(SECOND).cancel();

        assertThat(started.get()).isCompleted();
        assertThat(started.get().join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        future.cancel(true);
    }

    @Test
    void aChildHasNoMoreTimeThanItsParent() {
        Supervisor limited = builder(policy.withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(3))))
                .build();
        AtomicReference<CompletableFuture<Result<String>>> started = new AtomicReference<>();
        limited.runAsync(context -> {
            started.set(child.runAsync(of -> new CompletableFuture<>()));
            return paid();
        });
        time.advance(SECOND.multipliedBy(3).minusNanos(1));
        assertThat(started.get()).isNotDone();
        time.advance(Duration.ofNanos(1));

        assertThat(started.get()).isCompleted();
        assertThat(started.get().join().cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(started.get().join().duration()).isEqualTo(SECOND.multipliedBy(3));
    }

    @Test
    void aChildOfAnotherClockGoesByWhatRemains() {
        ManualTime other = ManualTime.create();
        other.advance(Duration.ofDays(1000));
        Supervisor limited =
                builder(policy.withDeadline(DeadlinePolicy.of(SECOND))).build();
        Supervisor elsewhere = Supervisor.builder("elsewhere")
                .time(other)
                .executor(Runnable::run)
                .build();
        AtomicReference<CompletableFuture<Result<String>>> started = new AtomicReference<>();
        limited.runAsync(context -> {
            started.set(elsewhere.runAsync(of -> new CompletableFuture<>()));
            return paid();
        });
        other.advance(SECOND.minusNanos(1));
        assertThat(started.get()).isNotDone();
        other.advance(Duration.ofNanos(1));
        assertThat(started.get()).isCompleted();
        assertThat(started.get().join().cause()).isInstanceOf(DeadlineExceededException.class);
    }

    // ---------------------------------------------------------------- commit

    @Test
    void aCommittedAttemptIsNotRepeated() {
        CompletableFuture<Result<String>> future = builder(
                        policy.withRestart(RestartPolicy.ON_FAILURE).withBackoff(BackoffPolicy.none()))
                .build()
                .runAsync(context -> {
                    context.commit();
                    throw new IOException("in the middle");
                });

        assertThat(future).isCompleted();
        assertThat(future.join().attempts()).isEqualTo(1);
        assertThat(future.join().restarts()).isZero();
        assertThat(hooks.names()).containsExactly("onStart", "onFailure", "onGiveUp");
        assertThat(future.join().escalated()).as("no attempts or time ran out").isFalse();
    }

    @Test
    void aCommittedAttemptHasNoTimeoutButKeepsTheDeadline() throws Exception {
        Supervisor supervisor = builder(policy.withDeadline(
                        DeadlinePolicy.of(SECOND.multipliedBy(10)).withAttemptTimeout(SECOND)))
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        AtomicReference<ExecutionContext> attempt = new AtomicReference<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            attempt.set(context);
            return stage;
        });
        assertThat(attempt.get().remaining()).contains(SECOND);
        time.advance(SECOND.dividedBy(2));
        attempt.get().commit();
        assertThat(attempt.get().remaining()).contains(SECOND.multipliedBy(10).minusMillis(500));
        time.advance(SECOND.multipliedBy(9));
        assertThat(executor.size()).isZero();
        assertThat(attempt.get().isCancelled()).isFalse();
        time.advance(SECOND.dividedBy(2));
        runElsewhere();

        assertThat(future.join().cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(stage).isCancelled();
    }

    @Test
    void anAttemptThatDoesNotCommitHasItsTimeout() throws Exception {
        Supervisor supervisor = builder(policy.withRetry(RetryPolicy.none())
                        .withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(10)).withAttemptTimeout(SECOND)))
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> new CompletableFuture<>());
        time.advance(SECOND);
        runElsewhere();

        assertThat(future.join().cause()).isInstanceOf(AttemptTimeoutException.class);
        assertThat(future.join().failure()).isEqualTo(FailureKind.HANDLER_ERROR);
    }

    private CompletableFuture<String> failOnSomeThread(ExecutionContext context) throws IOException {
        threads.add(Thread.currentThread());
        throw new IOException("down");
    }
}
