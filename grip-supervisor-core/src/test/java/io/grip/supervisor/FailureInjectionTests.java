package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever breaks in what users plug in, and however badly: the cause reaches the caller, and no permit, thread or future
 * is lost. Each way into an execution goes through the same failures.
 */
class FailureInjectionTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Each with one permit, so that the next execution finds out whether it came back. */
    enum Way {
        BLOCKING,
        CALL,
        OWN_THREAD,
        ASYNC,
        ASYNC_OWN_THREAD;

        boolean isAsync() {
            return this == ASYNC || this == ASYNC_OWN_THREAD;
        }

        private boolean isOwnThread() {
            return this == OWN_THREAD || this == ASYNC_OWN_THREAD;
        }

        Supervisor.Builder on(Supervisor.Builder builder) {
            return isOwnThread() ? builder.runner(ExecutorRunner.ownThread()) : builder;
        }

        /** What came of a task; a value thrown out of {@code call} is told like the others. */
        Result<String> run(Supervisor supervisor, Task<String> task) throws Exception {
            return switch (this) {
                case BLOCKING, OWN_THREAD -> supervisor.run(task);
                case CALL -> {
                    try {
                        yield Result.success(supervisor.call(task));
                    } catch (Throwable thrown) {
                        yield Result.failure(
                                thrown instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR, thrown);
                    }
                }
                case ASYNC, ASYNC_OWN_THREAD ->
                    supervisor
                            .runAsync(context -> CompletableFuture.completedFuture(task.run(context)))
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            };
        }
    }

    private final ManualTime time = ManualTime.create();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final SupervisorPolicy policy = SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(1));

    private Supervisor.Builder builder(Way way) {
        return way.on(Supervisor.builder("breaking")
                .time(time)
                .policy(policy)
                .telemetry(telemetry)
                .executor(Runnable::run));
    }

    @AfterEach
    void nothingIsLeftOnThisThread() {
        assertThat(Thread.interrupted()).as("the flag").isFalse();
        assertThat(ExecutionContext.current()).isSameAs(ExecutionContext.background());
    }

    private static void assertWhole(Way way, Supervisor supervisor) throws Exception {
        // A thread of an attempt's own may be on its way out yet when its caller has the result, its permit in hand.
        // Where there is none, everything must be back by then.
        if (way.isOwnThread()) {
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertWholeNow(way, supervisor));
        } else {
            assertWholeNow(way, supervisor);
        }
    }

    private static void assertWholeNow(Way way, Supervisor supervisor) throws Exception {
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.waiting()).isZero();
        assertThat(supervisor.abandonedThreads()).isEmpty();
        assertThat(way.run(supervisor, context -> "next").value()).isEqualTo("next");
    }

    private static Stream<Arguments> waysAndErrors() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(
                                new OutOfMemoryError("made up"),
                                new StackOverflowError("made up"),
                                new NoClassDefFoundError("made up"),
                                new ThreadDeathLike())
                        .map(error -> Arguments.of(way, error)));
    }

    /** An error that cannot even be asked for its message or cause. */
    private static final class ThreadDeathLike extends Error {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("mute");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("mute");
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int dive(int depth) {
        return dive(depth + 1) + 1;
    }

    @ParameterizedTest
    @MethodSource("waysAndErrors")
    void anErrorOfATaskReachesTheCaller(Way way, Error error) throws Exception {
        Supervisor supervisor = builder(way).build();

        Result<String> result = way.run(supervisor, context -> {
            throw error;
        });

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isSameAs(error);
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatUsesUpTheStackHasPanicked(Way way) throws Exception {
        Supervisor supervisor = builder(way).build();

        Result<String> result = way.run(supervisor, context -> "depth " + dive(0));

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isInstanceOf(StackOverflowError.class);
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatWantsMoreMemoryThanThereIsHasPanicked(Way way) throws Exception {
        Supervisor supervisor = builder(way).build();

        Result<String> result = way.run(supervisor, context -> "length " + new long[Integer.MAX_VALUE].length);

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isInstanceOf(OutOfMemoryError.class);
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void hooksThatUseUpTheStackChangeNothing(Way way) throws Exception {
        RecordingHooks hooks = new RecordingHooks().then(call -> dive(0));
        IOException failure = new IOException();
        AtomicInteger calls = new AtomicInteger();
        Supervisor supervisor = builder(way)
                .policy(policy.withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO)))
                .hooks(hooks)
                .build();

        Result<String> result = way.run(supervisor, context -> {
            if (calls.incrementAndGet() == 1) {
                throw failure;
            }
            return "value";
        });

        assertThat(result.value()).isEqualTo("value");
        assertThat(hooks.names()).containsExactly("onStart", "onRetry", "onSuccess");
        assertThat(telemetry.count("hookError")).isEqualTo(3);
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void telemetryThatUsesUpTheStackChangesNothing(Way way) throws Exception {
        telemetry.then(() -> dive(0));
        Supervisor supervisor = builder(way).build();

        assertThat(way.run(supervisor, context -> "value").value()).isEqualTo("value");
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void decisionsThatUseUpTheStackEndTheRetriesWithTheFailureAtHand(Way way) throws Exception {
        IOException failure = new IOException();
        Supervisor supervisor = builder(way)
                .policy(policy.withRetry(RetryPolicy.of(3).withBackoff(retry -> Duration.ofNanos(dive(0)))))
                .build();
        Supervisor hinting = builder(way)
                .policy(policy.withRetry(RetryPolicy.of(3)))
                .addDelayHint(thrown -> Optional.of(Duration.ofNanos(dive(0))))
                .build();
        for (Supervisor broken : List.of(supervisor, hinting)) {
            Result<String> result = way.run(broken, context -> {
                throw failure;
            });
            assertThat(result.cause()).isSameAs(failure);
            assertWhole(way, broken);
        }
        assertThat(telemetry.count("hookError")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aFailureThatUsesUpTheStackWhenItIsAskedForItsCauseIsHandedOutAsItIs(Way way) throws Exception {
        IOException failure = new IOException() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable getCause() {
                return new IOException("depth " + dive(0));
            }
        };
        Supervisor supervisor = builder(way)
                .policy(policy.withRetry(RetryPolicy.of(3).withNeverOn(IllegalStateException.class)))
                .build();

        Result<String> result = way.run(supervisor, context -> {
            throw failure;
        });

        assertThat(result.cause()).isSameAs(failure);
        assertWhole(way, supervisor);
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCKING", "CALL", "ASYNC"})
    void aRunnerThatUsesUpTheStackHasPanicked(Way way) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        ExecutorRunner runner = new ExecutorRunner() {
            @Override
            public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
                if (calls.incrementAndGet() == 1) {
                    dive(0);
                }
                return ExecutorRunner.callerThread().execute(context, execution, task);
            }
        };
        Supervisor supervisor = builder(way).runner(runner).build();

        Result<String> result = way.run(supervisor, context -> "value");

        assertThat(result.failure()).isEqualTo(FailureKind.PANIC);
        assertThat(result.cause()).isInstanceOf(StackOverflowError.class);
        assertWhole(way, supervisor);
    }

    /** Rejects from some call on, once or for ever. */
    private static Stream<Arguments> rejections() {
        return Stream.of(
                Arguments.of("always", 1, Integer.MAX_VALUE),
                Arguments.of("later", 2, Integer.MAX_VALUE),
                Arguments.of("once", 1, 1),
                Arguments.of("once, later", 2, 2));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rejections")
    void anExecutorThatRejectsLosesNoFutureAndNoPermit(String name, int from, int to) throws Exception {
        RejectedExecutionException full = new RejectedExecutionException("full");
        AtomicInteger commands = new AtomicInteger();
        Supervisor supervisor = Supervisor.builder("rejecting")
                .time(time)
                .executor(command -> {
                    int number = commands.incrementAndGet();
                    if (number >= from && number <= to) {
                        throw full;
                    }
                    command.run();
                })
                .policy(policy.withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
                        .withAdmission(AdmissionPolicy.of(1).withMaxWait(SECOND.multipliedBy(10))))
                .build();
        List<CompletableFuture<Result<String>>> futures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            futures.add(supervisor.runAsync(context -> CompletableFuture.failedFuture(new IOException())));
        }

        for (int second = 0; second < 4; second++) {
            time.advance(SECOND);
        }

        for (CompletableFuture<Result<String>> future : futures) {
            assertThat(future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).cause())
                    .matches(cause -> cause == full || cause instanceof IOException);
        }
        assertThat(futures).anyMatch(future -> future.join().cause() == full);
        assertThat(supervisor.awaitIdle(SECOND)).isTrue();
        assertWhole(Way.ASYNC, supervisor);
    }

    @ParameterizedTest
    @EnumSource
    void aClockThatJumpsWhileATaskRunsEndsNothingTwice(Way way) throws Exception {
        Supervisor supervisor = builder(way)
                .policy(policy.withRetry(RetryPolicy.of(3).withBackoff(SECOND))
                        .withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(5))))
                .build();
        IOException failure = new IOException();

        Result<String> result = way.run(supervisor, context -> {
            time.advance(Duration.ofDays(100_000));
            throw failure;
        });

        assertThat(result.isSuccess()).isFalse();
        assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
        assertWhole(way, supervisor);
    }

    /** A clock that breaks at its n-th question, for each n: whoever asked for the execution hears of it. */
    @ParameterizedTest
    @EnumSource
    void aClockThatThrowsLosesNoPermit(Way way) throws Exception {
        for (int breaking = 1; breaking <= 12; breaking++) {
            IllegalStateException broken = new IllegalStateException("clock, question " + breaking);
            BreakingTime clock = new BreakingTime(time, breaking, broken);
            Supervisor supervisor = builder(way)
                    .time(clock)
                    .policy(policy.withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO))
                            .withDeadline(DeadlinePolicy.of(SECOND)))
                    .build();
            AtomicInteger calls = new AtomicInteger();
            IOException failure = new IOException();
            clock.armed = true;
            Throwable seen = null;
            try {
                Result<String> result = way.run(supervisor, context -> {
                    if (calls.incrementAndGet() == 1) {
                        throw failure;
                    }
                    return "value";
                });
                seen = result.cause();
            } catch (IllegalStateException thrown) {
                seen = thrown;
            }
            clock.armed = false;

            // Where only a decision needed the clock, what the task has done stands.
            boolean decision = seen == null ? calls.get() == 2 : seen == failure;
            assertThat(seen == broken || decision)
                    .as("question %s ended in %s", breaking, seen)
                    .isTrue();
            assertWhole(way, supervisor);
        }
    }

    private static final class BreakingTime extends ForwardingTime {
        private final int breaking;
        private final RuntimeException thrown;
        private volatile boolean armed;
        private volatile int asked;

        BreakingTime(TimeSource time, int breaking, RuntimeException thrown) {
            super(time);
            this.breaking = breaking;
            this.thrown = thrown;
        }

        @Override
        public long nanoTime() {
            if (armed && ++asked == breaking) {
                throw thrown;
            }
            return super.nanoTime();
        }
    }
}
