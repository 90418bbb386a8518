package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.fixture.QueuedExecutor;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every returned future completes once, normally and with a result, whatever is thrown wherever; and no permit is lost
 * on the way: each test ends with a check that the only permit can be had.
 */
@Timeout(30)
class FuturePromiseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final AtomicInteger calls = new AtomicInteger();
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofMinutes(1)))
            .withEscalation(EscalationPolicy.of(false, true));

    private Supervisor supervisor;

    private Supervisor.Builder builder(SupervisorPolicy of) {
        return Supervisor.builder("payment")
                .policy(of)
                .time(time)
                .hooks(hooks)
                .telemetry(telemetry)
                .executor(Runnable::run);
    }

    private Supervisor supervisor() {
        supervisor = builder(policy).build();
        return supervisor;
    }

    @AfterEach
    void nothingIsLeftBehind() throws InterruptedException {
        assertThat(Thread.interrupted()).as("interrupt flag").isFalse();
        if (supervisor == null) {
            return;
        }
        hooks.then(call -> {});
        telemetry.then(() -> {});
        assertThat(supervisor.awaitIdle(Duration.ZERO)).as("idle").isTrue();
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.waiting()).isZero();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> holder = supervisor.runAsync(context -> stage);
        if (!holder.isDone()) {
            assertThat(supervisor.runAsync(PAID))
                    .as("admitted beyond the limit")
                    .isNotDone();
        }
        stage.complete("free");
        assertThat(holder).as("not admitted: a permit was lost").isCompleted();
    }

    private static <T> Result<T> end(CompletableFuture<Result<T>> future) {
        assertThat(future).isCompleted();
        return future.join();
    }

    // ---------------------------------------------------------------- tasks

    static Stream<Throwable> everySort() {
        return Throwables.ofEverySort().filter(thrown -> !(thrown instanceof InterruptedException));
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void completesWithWhatATaskThrowsInsteadOfReturningAStage(Throwable thrown) {
        CompletableFuture<Result<String>> future = supervisor().runAsync(context -> {
            calls.incrementAndGet();
            throw Throwables.sneak(thrown);
        });
        time.advance(SECOND.multipliedBy(2));

        assertThat(future).isCompleted();
        Result<String> result = end(future);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(result.failure()).isEqualTo(thrown instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR);
        assertThat(result.attempts()).isEqualTo(calls.get()).isEqualTo(3);
        assertThat(hooks.texts())
                .containsExactly(
                        "onStart",
                        "onRetry 2 PT1S",
                        "onRetry 3 PT1S",
                        "onFailure " + result.failure(),
                        "onGiveUp " + result.failure(),
                        "onEscalate " + result.failure());
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void completesWithWhatATaskThrowsOnALaterAttempt(Throwable thrown) {
        CompletableFuture<Result<String>> future = supervisor().runAsync(context -> switch (context.attempt()) {
            case 1 -> CompletableFuture.failedFuture(new IOException("down"));
            default -> throw Throwables.sneak(thrown);
        });
        time.advance(SECOND.multipliedBy(2));

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).attempts()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void completesWithWhatAStageFailsWith(Throwable thrown) {
        CompletableFuture<Result<String>> future =
                supervisor().runAsync(context -> CompletableFuture.failedFuture(thrown));
        time.advance(SECOND.multipliedBy(2));

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
    }

    @Test
    void takesOffWhatADependentStagePutsAroundAFailure() {
        IOException failure = new IOException("down");

        CompletableFuture<Result<Object>> future = supervisor()
                .runAsync(context -> CompletableFuture.failedFuture(failure)
                        .thenApply(value -> value)
                        .thenApply(value -> value));
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).cause()).isSameAs(failure);
    }

    @Test
    void anInterruptedExceptionOfAStageIsAnErrorOfItsOwn() {
        InterruptedException thrown = new InterruptedException("somewhere else");

        CompletableFuture<Result<String>> future =
                supervisor().runAsync(context -> CompletableFuture.failedFuture(thrown));
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anInterruptOfTheCallerDuringTheSynchronousPartEndsItAndTheFlagIsSetAgain() {
        InterruptedException thrown = new InterruptedException("the caller's");

        CompletableFuture<Result<String>> future = supervisor().runAsync(context -> {
            throw thrown;
        });

        assertThat(Thread.interrupted()).isTrue();
        assertThat(future).isCompleted();
        assertThat(end(future).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).attempts()).isEqualTo(1);
    }

    @Test
    void anInterruptOfAThreadOfTheExecutorIsAFailureOfTheAttempt() {
        CompletableFuture<Result<String>> future = supervisor().runAsync(context -> {
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            throw new InterruptedException("somebody's");
        });
        time.advance(SECOND.multipliedBy(2));

        assertThat(Thread.interrupted())
                .as("handed on to the owner of the thread")
                .isTrue();
        assertThat(end(future).attempts()).isEqualTo(3);
        assertThat(end(future).failure()).isEqualTo(FailureKind.HANDLER_ERROR);
    }

    @Test
    void aTaskThatReturnsNullHasFailedTheAttemptNoMore() {
        CompletableFuture<Result<String>> future = supervisor()
                .runAsync(context -> context.attempt() < 3 ? null : CompletableFuture.completedFuture("paid"));
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(end(future).attempts()).isEqualTo(3);
        assertThat(end(future).earlierFailures())
                .hasSize(2)
                .allSatisfy(failure -> assertThat(failure).hasMessageContaining("null"));
    }

    // ---------------------------------------------------------------- stages

    /** A stage whose subscription does what the test wants. */
    private static final class OddStage<T> extends CompletableFuture<T> {
        private final BiConsumer<CompletableFuture<T>, BiConsumer<? super T, ? super Throwable>> subscribe;

        OddStage(BiConsumer<CompletableFuture<T>, BiConsumer<? super T, ? super Throwable>> subscribe) {
            this.subscribe = subscribe;
        }

        @Override
        public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
            subscribe.accept(this, action);
            return this;
        }
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aStageThatCannotBeSubscribedToHasFailedTheAttempt(Throwable thrown) {
        CompletableFuture<Result<String>> future = supervisor()
                .runAsync(context -> new OddStage<>((stage, action) -> {
                    throw Throwables.sneak(thrown);
                }));
        time.advance(SECOND.multipliedBy(2));

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).attempts()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void whatAStageThrowsAfterItHasCompletedAtOnceIsTooLate(Throwable thrown) {
        CompletableFuture<Result<String>> future = supervisor()
                .runAsync(context -> new OddStage<>((stage, action) -> {
                    action.accept("paid", null);
                    throw Throwables.sneak(thrown);
                }));

        assertThat(future).isCompleted();
        assertThat(end(future).value()).isEqualTo("paid");
    }

    @Test
    void theFirstOfSeveralCompletionsCounts() {
        List<BiConsumer<? super String, ? super Throwable>> actions = new ArrayList<>();
        CompletableFuture<Result<String>> future =
                supervisor().runAsync(context -> new OddStage<>((stage, action) -> actions.add(action)));

        actions.get(0).accept("first", null);
        actions.get(0).accept("second", null);
        actions.get(0).accept(null, new IOException("third"));

        assertThat(end(future).value()).isEqualTo("first");
        assertThat(hooks.texts()).containsExactly("onStart", "onSuccess");
        assertThat(telemetry.counts()).containsEntry("attempt SUCCESS", 1).containsEntry("execution NONE", 1);
    }

    @Test
    void aSecondCompletionDoesNotEndTheNextAttempt() {
        List<BiConsumer<? super String, ? super Throwable>> actions = new ArrayList<>();
        CompletableFuture<Result<String>> future =
                supervisor().runAsync(context -> new OddStage<>((stage, action) -> actions.add(action)));

        actions.get(0).accept(null, new IOException("first"));
        time.advance(SECOND);
        actions.get(0).accept("a value of the first attempt", null);
        assertThat(future).isNotDone();
        actions.get(1).accept("second", null);

        assertThat(end(future).value()).isEqualTo("second");
        assertThat(end(future).attempts()).isEqualTo(2);
    }

    @Test
    void completesTwiceOnTheCallersStackAndCountsOnce() {
        CompletableFuture<Result<String>> future = supervisor()
                .runAsync(context -> new OddStage<>((stage, action) -> {
                    action.accept(null, new IOException("attempt " + calls.incrementAndGet()));
                    action.accept("late", null);
                }));
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).attempts()).isEqualTo(calls.get()).isEqualTo(3);
        assertThat(end(future).cause()).hasMessage("attempt 3");
    }

    @Test
    void survivesAFailureThatCannotEvenTellItsCause() {
        Throwable mute = new IOException("mute") {
            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException("no cause for you");
            }
        };

        CompletableFuture<Result<String>> ofStage =
                supervisor().runAsync(context -> CompletableFuture.failedFuture(mute));
        time.advance(SECOND.multipliedBy(2));
        CompletableFuture<Result<String>> ofTask = supervisor.runAsync(context -> {
            throw Throwables.sneak(mute);
        });
        time.advance(SECOND.multipliedBy(2));

        assertThat(ofStage).isCompleted();
        assertThat(end(ofStage).cause()).isSameAs(mute);
        assertThat(ofTask).isCompleted();
        assertThat(end(ofTask).cause()).isSameAs(mute);
    }

    @Test
    void stagesThatAreCompleteAtOnceDoNotPileUpOnTheStack() {
        supervisor = builder(policy.withRetry(RetryPolicy.of(100_000).withBackoff(Duration.ZERO)))
                .hooks(new RecordingHooks())
                .telemetry(io.grip.supervisor.hook.Telemetry.none())
                .build();
        IOException down = new IOException("down");

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> CompletableFuture.failedFuture(down));

        assertThat(end(future).attempts()).isEqualTo(100_000);
    }

    @Test
    void manyExecutionsThatHandOnTheirPermitDoNotPileUpOnTheStack() throws Exception {
        supervisor();
        CompletableFuture<String> first = new CompletableFuture<>();
        List<CompletableFuture<Result<String>>> futures = new ArrayList<>();
        futures.add(supervisor.runAsync(context -> first));
        for (int i = 0; i < 20_000; i++) {
            futures.add(supervisor.runAsync(PAID));
        }

        first.complete("first");

        for (CompletableFuture<Result<String>> future : futures) {
            assertThat(future.get(10, TimeUnit.SECONDS).failure()).isEqualTo(FailureKind.NONE);
        }
        awaitEnd();
    }

    // ---------------------------------------------------------------- limits

    @Test
    void leavesAStageThatNeverCompletesAtTheDeadline() {
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(SECOND))).build();
        CompletableFuture<String> stage = new CompletableFuture<>();

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        time.advance(SECOND.minusNanos(1));
        assertThat(future).isNotDone();
        time.advance(Duration.ofNanos(1));

        assertThat(future).isCompleted();
        assertThat(end(future).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(end(future).duration()).isEqualTo(SECOND);
        assertThat(stage).isCancelled();
        assertThat(telemetry.count("lateResult")).isZero();
        assertThat(telemetry.count("attempt TIMEOUT")).isEqualTo(1);
    }

    @Test
    void retriesAfterAnAttemptTimeoutAndCountsTheValueThatComesLate() {
        supervisor = builder(policy.withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND)))
                .build();
        CompletableFuture<String> stubborn = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        };

        CompletableFuture<Result<String>> future = supervisor.runAsync(
                context -> context.attempt() == 1 ? stubborn : CompletableFuture.completedFuture("second"));
        time.advance(SECOND);
        assertThat(future).isNotDone();
        stubborn.complete("late");
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("second");
        assertThat(end(future).earlierFailures()).singleElement().isInstanceOf(AttemptTimeoutException.class);
        assertThat(telemetry.count("lateResult")).isEqualTo(1);
        assertThat(time.pendingTimers()).as("the watchdog's next look").isEqualTo(1);
    }

    @Test
    void aStageThatCannotBeCancelledIsLeftToItself() {
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(SECOND))).build();
        CompletableFuture<String> stage = new CompletableFuture<>() {
            @Override
            public CompletableFuture<String> toCompletableFuture() {
                throw new UnsupportedOperationException("no future");
            }
        };

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);
        time.advance(SECOND);

        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void theDeadlineOfAContextHandedInIsADeadline() {
        supervisor();
        ExecutionContext limited = underManualTime().withTimeout(SECOND);
        CompletableFuture<Result<String>> future =
                supervisor.runAsync(limited, Execution.of("inner"), context -> new CompletableFuture<>());
        time.advance(SECOND);

        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
    }

    /** A context on the manual clock, of an execution that has succeeded. */
    private ExecutionContext underManualTime() {
        List<ExecutionContext> seen = new ArrayList<>();
        Supervisor outer =
                Supervisor.builder("outer").time(time).executor(Runnable::run).build();
        outer.runAsync(context -> {
            seen.add(ExecutionContext.current());
            return CompletableFuture.completedFuture("");
        });
        return seen.get(0);
    }

    // ---------------------------------------------------------------- hooks, telemetry and other code of the user's

    @ParameterizedTest
    @MethodSource("everySort")
    void hooksThatThrowChangeNothing(Throwable thrown) {
        hooks.then(call -> {
            throw Throwables.sneak(thrown);
        });

        CompletableFuture<Result<String>> failing =
                supervisor().runAsync(context -> CompletableFuture.failedFuture(new IOException("down")));
        time.advance(SECOND.multipliedBy(2));
        CompletableFuture<Result<String>> succeeding =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("paid"));

        assertThat(end(failing).cause()).isInstanceOf(IOException.class);
        assertThat(end(succeeding).value()).isEqualTo("paid");
        assertThat(hooks.names())
                .containsExactly(
                        "onStart", "onRetry", "onRetry", "onFailure", "onGiveUp", "onEscalate", "onStart", "onSuccess");
        assertThat(telemetry.count("hookError")).isEqualTo(8);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void telemetryThatThrowsChangesNothing(Throwable thrown) {
        telemetry.then(() -> {
            throw Throwables.sneak(thrown);
        });

        CompletableFuture<Result<String>> future =
                supervisor().runAsync(context -> CompletableFuture.failedFuture(new IOException("down")));
        CompletableFuture<Result<String>> waiting =
                supervisor.runAsync(context -> CompletableFuture.completedFuture("paid"));
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).attempts()).isEqualTo(3);
        assertThat(end(waiting).value()).isEqualTo("paid");
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void backoffsThatThrowEndTheRetriesWithTheFailureAtHand(Throwable thrown) {
        supervisor = builder(policy.withRetry(RetryPolicy.of(3).withBackoff(retry -> {
                    throw Throwables.sneak(thrown);
                })))
                .build();
        IOException down = new IOException("down");

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> CompletableFuture.failedFuture(down));

        assertThat(end(future).cause()).isSameAs(down);
        assertThat(end(future).attempts()).isEqualTo(1);
        assertThat(telemetry.count("hookError")).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void hintsThatThrowEndTheRetriesWithTheFailureAtHand(Throwable thrown) {
        supervisor = builder(policy)
                .addDelayHint(failure -> {
                    throw Throwables.sneak(thrown);
                })
                .build();
        IOException down = new IOException("down");

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> CompletableFuture.failedFuture(down));

        assertThat(end(future).cause()).isSameAs(down);
        assertThat(end(future).attempts()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aCarrierThatCannotCaptureCarriesNothing(Throwable thrown) {
        supervisor = builder(policy)
                .carrier(() -> {
                    throw Throwables.sneak(thrown);
                })
                .build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::secondTime);
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(telemetry.count("hookError")).isEqualTo(1);
    }

    @Test
    void aCarrierThatCapturesNullCarriesNothing() {
        supervisor = builder(policy).carrier(() -> null).build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::secondTime);
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(telemetry.count("hookError")).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aCarrierThatThrowsFailsTheAttempt(Throwable thrown) {
        supervisor = builder(policy)
                .carrier(() -> new ContextCarrier.Captured() {
                    @Override
                    public <T> T call(ContextCarrier.Call<T> body) {
                        throw Throwables.sneak(thrown);
                    }
                })
                .build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::secondTime);
        time.advance(SECOND.multipliedBy(2));

        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).attempts()).isEqualTo(3);
    }

    private CompletionStage<String> secondTime(ExecutionContext context) {
        return context.attempt() == 1
                ? CompletableFuture.failedFuture(new IOException("down"))
                : CompletableFuture.completedFuture("paid");
    }

    // ---------------------------------------------------------------- runners

    private Supervisor withRunner(OneRunner runner) {
        supervisor =
                builder(policy.withRetry(RetryPolicy.none())).runner(runner).build();
        return supervisor;
    }

    /** A runner whose one method is no generic one, so that it can be a lambda. */
    private interface OneRunner extends ExecutorRunner {
        Object execute(Task<?> task);

        @Override
        @SuppressWarnings("unchecked")
        default <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
            return (Result<T>) execute(task);
        }
    }

    private static final AsyncTask<String> PAID = context -> CompletableFuture.completedFuture("paid");

    @ParameterizedTest
    @MethodSource("everySort")
    void aRunnerThatThrowsIsAPanic(Throwable thrown) {
        Result<String> result = end(withRunner(task -> {
                    throw Throwables.sneak(thrown);
                })
                .runAsync(PAID));

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void aRunnerThatReturnsNullIsAPanic() {
        Result<String> result = end(withRunner(task -> null).runAsync(PAID));

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).hasMessageContaining("null");
    }

    static Stream<Result<String>> brokenReports() {
        return Stream.of(
                new BrokenReport(null, new IOException("kind"), false),
                new BrokenReport(FailureKind.HANDLER_ERROR, null, false),
                new BrokenReport(FailureKind.NONE, null, true),
                new BrokenReport(FailureKind.CONTEXT_CANCELLED, null, false));
    }

    /** What nobody should write who writes a runner. */
    private record BrokenReport(FailureKind failure, Throwable cause, boolean valueThrows) implements Result<String> {
        @Override
        public String value() {
            if (valueThrows) {
                throw new IllegalStateException("no value");
            }
            return null;
        }

        @Override
        public int attempts() {
            throw new IllegalStateException("nobody asks for counts");
        }

        @Override
        public int restarts() {
            throw new IllegalStateException("nobody asks for counts");
        }

        @Override
        public Duration duration() {
            throw new IllegalStateException("nobody asks for times");
        }

        @Override
        public boolean escalated() {
            throw new IllegalStateException("nobody asks for more");
        }

        @Override
        public List<Throwable> earlierFailures() {
            throw new IllegalStateException("nobody asks for more");
        }
    }

    @ParameterizedTest
    @MethodSource("brokenReports")
    void aRunnerWhoseReportMakesNoSenseIsAPanicAndItsAttemptIsCounted(Result<String> report) {
        Result<String> result = end(withRunner(task -> report).runAsync(PAID));

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isNotNull();
        assertThat(result.attempts()).isEqualTo(1);
        assertThat(telemetry.count("attempt FAILURE")).isEqualTo(1);
        assertThat(hooks.texts()).containsExactly("onStart", "onFailure PANIC", "onGiveUp PANIC", "onEscalate PANIC");
    }

    // ---------------------------------------------------------------- executors

    private CompletableFuture<Result<String>> retriedOn(Executor executor) {
        supervisor = builder(policy).executor(executor).build();
        return supervisor.runAsync(this::secondTime);
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void anExecutorThatRejectsEndsTheExecutionWithTheRejection(Throwable thrown) throws Exception {
        CompletableFuture<Result<String>> future = retriedOn(command -> {
            throw Throwables.sneak(thrown);
        });
        time.advance(SECOND);

        Result<String> result = future.get(10, TimeUnit.SECONDS);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        awaitEnd();
        assertThat(hooks.last().thread()).isNotSameAs(Thread.currentThread());
        assertThat(hooks.texts()).containsExactly("onStart", "onRetry 2 PT1S", "onFailure PANIC", "onGiveUp PANIC");
    }

    @Test
    void anExecutorThatRejectsALimitedAttemptLeavesItAllTheSame() throws Exception {
        supervisor = builder(policy.withRetry(RetryPolicy.none())
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND)))
                .executor(command -> {
                    throw new RejectedExecutionException("full");
                })
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        List<ExecutionContext> contexts = new ArrayList<>();

        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            contexts.add(context);
            return stage;
        });
        time.advance(SECOND);

        assertThat(future.get(10, TimeUnit.SECONDS).cause()).isInstanceOf(AttemptTimeoutException.class);
        awaitEnd();
        assertThat(stage).isCancelled();
        assertThat(contexts.get(0).isCancelled()).isTrue();
        assertThat(telemetry.count("attempt TIMEOUT")).isEqualTo(1);
    }

    @Test
    void anExecutorThatRejectsAGrantLosesNoPermit() throws Exception {
        supervisor = builder(policy)
                .executor(command -> {
                    throw new RejectedExecutionException("full");
                })
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> waiting = supervisor.runAsync(PAID);

        stage.complete("first");

        assertThat(waiting.get(10, TimeUnit.SECONDS).cause()).isInstanceOf(RejectedExecutionException.class);
        awaitEnd();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void anExecutorThatRejectsLeavesACloseItsKind() throws Exception {
        supervisor = builder(policy)
                .executor(command -> {
                    throw new RejectedExecutionException("shut down");
                })
                .build();
        CompletableFuture<Result<String>> pausing = supervisor.runAsync(this::secondTime);
        CompletableFuture<Result<String>> cancelled = supervisor.runAsync(this::secondTime);
        cancelled.cancel(true);
        supervisor.drain();
        assertThat(pausing.get(10, TimeUnit.SECONDS).failure()).isEqualTo(FailureKind.SHUTDOWN);
        awaitEnd();
        supervisor.resume();
        assertThat(hooks.texts()).contains("onFailure CONTEXT_CANCELLED", "onFailure SHUTDOWN");
    }

    /** Real threads are involved where the executor rejects: until they are through with the execution. */
    private void awaitEnd() throws InterruptedException {
        assertThat(supervisor.awaitIdle(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void anExecutorThatRejectsWhatItHasRunIsTakenByItsDeeds() {
        CompletableFuture<Result<String>> future = retriedOn(command -> {
            command.run();
            throw new RejectedExecutionException("too late");
        });
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(end(future).attempts()).isEqualTo(2);
    }

    @Test
    void anExecutorThatRunsTwiceRunsOnce() {
        CompletableFuture<Result<String>> future = retriedOn(command -> {
            command.run();
            command.run();
        });
        time.advance(SECOND);

        assertThat(end(future).attempts()).isEqualTo(2);
        assertThat(hooks.texts()).containsExactly("onStart", "onRetry 2 PT1S", "onSuccess");
    }

    @Test
    void anExecutorThatRunsOnTheSpotAndOnceMoreLaterRunsOnce() {
        QueuedExecutor later = new QueuedExecutor();
        CompletableFuture<Result<String>> future = retriedOn(command -> {
            command.run();
            later.execute(command);
        });
        time.advance(SECOND);
        later.runAll();

        assertThat(end(future).attempts()).isEqualTo(2);
        assertThat(hooks.names()).containsExactly("onStart", "onRetry", "onSuccess");
    }

    @Test
    void anExecutorThatRunsMuchLaterOnTheOriginalThreadRunsIt() {
        QueuedExecutor later = new QueuedExecutor();
        CompletableFuture<Result<String>> future = retriedOn(later);
        time.advance(SECOND);
        assertThat(future).isNotDone();
        time.advance(Duration.ofDays(1));

        later.runAll();

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(end(future).duration()).isEqualTo(SECOND.plusDays(1));
    }

    @Test
    void anExecutorThatRunsOnAnotherThreadAndWaitsForItRunsIt() {
        CompletableFuture<Result<String>> future = retriedOn(command -> {
            CompletableFuture.runAsync(command).join();
        });
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(hooks.last().thread()).isNotSameAs(Thread.currentThread());
    }

    // ---------------------------------------------------------------- time

    @Test
    void aClockThatJumpsPastEverythingEndsTheExecutionAtItsDeadline() {
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1))))
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            calls.incrementAndGet();
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            return new CompletableFuture<>();
        });
        time.advance(Duration.ofDays(365 * 200));

        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aRetryWhoseTurnComesAfterTheDeadlineIsNotMade() {
        QueuedExecutor late = new QueuedExecutor();
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1))))
                .executor(late)
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::counted);
        time.advance(SECOND);
        time.advance(Duration.ofHours(1));
        late.runAll();

        assertThat(end(future).failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(end(future).cause()).hasCauseInstanceOf(IOException.class);
        assertThat(calls).hasValue(1);
    }

    @Test
    void aGrantWhoseTurnComesAfterTheDeadlineIsNotUsed() {
        QueuedExecutor late = new QueuedExecutor();
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1))))
                .executor(late)
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::counted);
        stage.complete("first");
        time.advance(Duration.ofHours(1));
        late.runAll();

        assertThat(end(future).cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(calls).hasValue(0);
    }

    private CompletionStage<String> counted(ExecutionContext context) throws IOException {
        calls.incrementAndGet();
        throw new IOException("down");
    }

    /** A clock whose timer fails from some call on. */
    private final class FailingTimer extends ForwardingTime {
        private final Throwable thrown;
        private int left;

        FailingTimer(Throwable thrown, int after) {
            super(time);
            this.thrown = thrown;
            this.left = after;
        }

        @Override
        public Timer schedule(long at, Runnable action) {
            if (left-- <= 0) {
                throw Throwables.sneak(thrown);
            }
            return super.schedule(at, action);
        }
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aTimerThatFailsBeforeABackoffEndsTheExecution(Throwable thrown) {
        supervisor = builder(policy).time(new FailingTimer(thrown, 0)).build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::counted);

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(end(future).failure()).isEqualTo(FailureKind.PANIC);
        supervisor = null;
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aTimerThatFailsInTheQueueEndsTheExecutionAndLeavesTheQueue(Throwable thrown) {
        Supervisor failing = builder(policy).time(new FailingTimer(thrown, 0)).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> first = failing.runAsync(context -> stage);

        CompletableFuture<Result<String>> future = failing.runAsync(this::counted);

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(failing.waiting()).isZero();
        stage.complete("first");
        assertThat(first).isCompleted();
        assertThat(failing.runAsync(PAID)).as("the permit").isCompleted();
    }

    @ParameterizedTest
    @MethodSource("everySort")
    void aTimerThatFailsForALimitEndsTheExecutionAndCancelsTheStage(Throwable thrown) {
        // The first call is the watchdog's, for the synchronous part.
        Supervisor failing = builder(policy.withDeadline(DeadlinePolicy.of(SECOND)))
                .time(new FailingTimer(thrown, 1))
                .build();
        CompletableFuture<String> stage = new CompletableFuture<>();

        CompletableFuture<Result<String>> future = failing.runAsync(context -> stage);

        assertThat(future).isCompleted();
        assertThat(end(future).cause()).isSameAs(thrown);
        assertThat(stage).isCancelled();
        assertThat(failing.inFlight()).isZero();
    }

    // ---------------------------------------------------------------- close and drain

    @Test
    void aClosedSupervisorAnswersBeforeAnythingElse() {
        Supervisor closed = supervisor();
        closed.close();
        supervisor = null;

        CompletableFuture<Result<String>> future = closed.runAsync(this::counted);

        assertThat(end(future).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(end(future).attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThat(hooks.texts()).containsExactly("onFailure SHUTDOWN");
    }

    @Test
    void drainingEndsABackoff() {
        CompletableFuture<Result<String>> future = supervisor().runAsync(this::counted);
        time.advance(SECOND.dividedBy(2));

        supervisor.drain();

        assertThat(end(future).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(end(future).cause()).hasCauseInstanceOf(IOException.class);
        assertThat(time.pendingTimers()).isZero();
        assertThat(telemetry.told()).contains("backoff 500000000");
        supervisor.resume();
    }

    @Test
    void drainingEndsAWaitForAPermitAndLeavesWhatRuns() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> running = supervisor().runAsync(context -> stage);
        CompletableFuture<Result<String>> waiting = supervisor.runAsync(this::counted);

        supervisor.drain();

        assertThat(end(waiting).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(end(waiting).attempts()).isZero();
        assertThat(running).isNotDone();
        stage.complete("paid");
        assertThat(end(running).value()).isEqualTo("paid");
        supervisor.resume();
        assertThat(calls).hasValue(0);
    }

    @Test
    void drainingWhileARetryWaitsForTheExecutorEndsIt() {
        QueuedExecutor queue = new QueuedExecutor();
        CompletableFuture<Result<String>> future = retriedOn(queue);
        time.advance(SECOND);

        supervisor.drain();
        queue.runAll();

        assertThat(end(future).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(end(future).attempts()).isEqualTo(1);
        supervisor.resume();
        supervisor = null;
    }

    @Test
    void drainingWhileAGrantWaitsForTheExecutorEndsIt() {
        QueuedExecutor queue = new QueuedExecutor();
        supervisor = builder(policy).executor(queue).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> waiting = supervisor.runAsync(this::counted);
        stage.complete("first");

        supervisor.drain();
        queue.runAll();

        assertThat(end(waiting).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(calls).hasValue(0);
        supervisor.resume();
        supervisor = builder(policy).build();
    }

    @Test
    void closingFromAHookEndsTheExecutionByShutdown() {
        supervisor();
        hooks.then(call -> {
            if (call.hook().equals("onRetry")) {
                supervisor.close();
            }
        });

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::counted);

        assertThat(end(future).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(calls).hasValue(1);
        supervisor = null;
    }

    // ---------------------------------------------------------------- the future itself

    @Test
    void dependentsDoNotRunAsPartOfTheExecution() {
        supervisor = builder(policy.withDeadline(DeadlinePolicy.of(SECOND))).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        List<ExecutionContext> contexts = new ArrayList<>();

        supervisor.runAsync(context -> stage).thenRun(() -> contexts.add(ExecutionContext.current()));
        stage.complete("paid");

        assertThat(contexts).containsExactly(ExecutionContext.background());
    }

    @Test
    void aDependentMayCloseTheSupervisor() {
        Supervisor closing = supervisor();
        supervisor = null;
        CompletableFuture<String> stage = new CompletableFuture<>();

        CompletableFuture<Void> closed =
                closing.runAsync(context -> stage).thenRun(closing::close).orTimeout(10, TimeUnit.SECONDS);
        stage.complete("paid");

        assertThat(closed).isCompleted();
    }

    @Test
    void aDependentThatThrowsHarmsNobody() {
        CompletableFuture<Result<String>> future = supervisor().runAsync(this::secondTime);
        CompletableFuture<Void> dependent = future.thenRun(() -> {
            throw new OutOfMemoryError("made up");
        });
        time.advance(SECOND);

        assertThat(end(future).value()).isEqualTo("paid");
        assertThatThrownBy(dependent::join).isInstanceOf(CompletionException.class);
    }

    @Test
    void hintsOfTheThrowableAreFollowed() {
        supervisor = builder(policy)
                .addDelayHint(failure -> Optional.of(SECOND.multipliedBy(30)))
                .build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::secondTime);
        time.advance(SECOND.multipliedBy(30));

        assertThat(end(future).value()).isEqualTo("paid");
        assertThat(hooks.texts()).contains("onRetry 2 PT30S");
    }
}
