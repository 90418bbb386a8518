package io.grip.supervisor;

import static io.grip.supervisor.execution.FailureKind.CONTEXT_CANCELLED;
import static io.grip.supervisor.execution.FailureKind.HANDLER_ERROR;
import static io.grip.supervisor.execution.FailureKind.NONE;
import static io.grip.supervisor.execution.FailureKind.PANIC;
import static io.grip.supervisor.execution.FailureKind.REJECTED;
import static io.grip.supervisor.execution.FailureKind.SHUTDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What happened, the kind it is, and the cause on the result: the table, row by row, one attempt each. */
class ClassificationTests {

    private static final SupervisorPolicy ONE_ATTEMPT =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.none());

    private final ManualTime time = ManualTime.selfAdvancing();

    @AfterEach
    void noTestLeavesItsInterruptBehind() {
        Thread.interrupted();
    }

    private Supervisor.Builder one() {
        return Supervisor.builder("one").policy(ONE_ATTEMPT).time(time);
    }

    private static <T> Task<T> throwing(Throwable thrown) {
        return context -> {
            throw Throwables.<RuntimeException>sneak(thrown);
        };
    }

    static Stream<Arguments> thrown() {
        return Stream.of(
                Arguments.of(new IOException("checked"), HANDLER_ERROR),
                Arguments.of(new IllegalStateException("unchecked"), HANDLER_ERROR),
                Arguments.of(new Throwable("neither"), HANDLER_ERROR),
                Arguments.of(new AssertionError("error"), PANIC),
                Arguments.of(new OutOfMemoryError("error"), PANIC),
                Arguments.of(new StackOverflowError("error"), PANIC),
                Arguments.of(new CancellationException("of something else"), HANDLER_ERROR),
                Arguments.of(new SupervisorShutdownException("inner", null), HANDLER_ERROR),
                Arguments.of(new AdmissionRejectedException("inner", 1, 1, Duration.ZERO), HANDLER_ERROR),
                Arguments.of(
                        new DeadlineExceededException(
                                "inner", Duration.ZERO, Duration.ZERO, new InterruptedException()),
                        HANDLER_ERROR),
                Arguments.of(
                        new AttemptTimeoutException("inner", 1, Duration.ZERO, new InterruptedException()),
                        HANDLER_ERROR));
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void whatTheTaskThrowsIsTheCauseAndTheVeryObject(Throwable thrown, FailureKind kind) {
        Result<Object> result = one().build().run(throwing(thrown));

        assertThat(result.failure()).isEqualTo(kind);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(result.isSuccess()).isFalse();
        assertThat(result.attempts()).isOne();
        assertThatThrownBy(result::value)
                .isInstanceOf(IllegalStateException.class)
                .hasCause(thrown);
        assertThatThrownBy(result::orElseThrow).isSameAs(thrown);
        assertThatThrownBy(() -> one().build().call(throwing(thrown))).isSameAs(thrown);
        assertThat(thrown.getSuppressed()).isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    static Stream<Throwable> speakingOfAnInterrupt() {
        return Stream.of(
                new InterruptedException(),
                new ClosedByInterruptException(),
                new IllegalStateException(new IOException(new InterruptedException())),
                new Error(new ClosedByInterruptException()));
    }

    @ParameterizedTest
    @MethodSource("speakingOfAnInterrupt")
    void anInterruptThatIsNotOursIsTheCallers(Throwable thrown) {
        Result<Object> result = one().build().run(throwing(thrown));
        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(Thread.interrupted()).isTrue();

        assertThatThrownBy(() -> one().build().call(throwing(thrown))).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anythingThrownWhileAForeignInterruptIsPendingIsTheCallersInterrupt() {
        Error thrown = new AssertionError();
        Result<Object> result = one().build().run(context -> {
            Thread.currentThread().interrupt();
            throw thrown;
        });
        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void onAThreadOfItsOwnAnInterruptThatIsNotOursIsAnError() {
        InterruptedException thrown = new InterruptedException();
        Result<Object> result = Supervisor.builder("own")
                .policy(ONE_ATTEMPT)
                .runner(ExecutorRunner.ownThread())
                .build()
                .run(throwing(thrown));
        assertThat(result.failure()).isEqualTo(HANDLER_ERROR);
        assertThat(result.cause()).isSameAs(thrown);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aCancellationOfACancelledContextIsACancellation() {
        CancellationException thrown = new CancellationException();
        Result<Object> result = one().build().run(context -> {
            context.cancel();
            throw thrown;
        });
        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(result.cause()).isInstanceOf(CancellationException.class);
        assertThat(result.cause() == thrown || result.cause().getCause() == thrown)
                .isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aValueIsASuccessHoweverLate() {
        Result<String> result = one().policy(ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))))
                .build()
                .run(context -> {
                    time.advance(Duration.ofSeconds(5));
                    return "late";
                });
        assertThat(result.failure()).isEqualTo(NONE);
        assertThat(result.value()).isEqualTo("late");
        assertThat(result.duration()).isEqualTo(Duration.ofSeconds(5));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aPassedDeadlineSaysItsLimitTheTimeTakenAndTheLastFailure() {
        IOException thrown = new IOException("while it was interrupted");
        Result<Object> result = one().policy(ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))))
                .build()
                .run(context -> {
                    time.advance(Duration.ofSeconds(2));
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                    throw thrown;
                });
        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(result.cause()).isInstanceOfSatisfying(DeadlineExceededException.class, exceeded -> {
            assertThat(exceeded.limit()).isEqualTo(Duration.ofSeconds(1));
            assertThat(exceeded.elapsed()).isEqualTo(Duration.ofSeconds(2));
            assertThat(exceeded).hasCause(thrown).hasMessageContaining("'one'").hasMessageContaining("PT1S");
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anAttemptThatRunsPastItsTimeoutIsAnErrorAndIsRetried() {
        SupervisorPolicy policy = SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO))
                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1)));
        Result<String> result = one().policy(policy).build().run(context -> {
            if (context.attempt() == 1) {
                time.advance(Duration.ofSeconds(1));
                throw new InterruptedException();
            }
            return "second";
        });
        assertThat(result.value()).isEqualTo("second");
        assertThat(result.earlierFailures())
                .singleElement()
                .isInstanceOfSatisfying(AttemptTimeoutException.class, timeout -> {
                    assertThat(timeout.attempt()).isOne();
                    assertThat(timeout.limit()).isEqualTo(Duration.ofSeconds(1));
                    assertThat(timeout).hasCauseInstanceOf(InterruptedException.class);
                });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    static Stream<Arguments> twoLimits() {
        return Stream.of(
                Arguments.of(1, 2, CONTEXT_CANCELLED),
                Arguments.of(2, 1, HANDLER_ERROR),
                Arguments.of(1, 1, CONTEXT_CANCELLED));
    }

    @ParameterizedTest(name = "deadline {0} s, attempt timeout {1} s: {2}")
    @MethodSource("twoLimits")
    void theNearerOfTheTwoLimitsDecidesAndATieIsTheDeadline(int deadline, int timeout, FailureKind kind) {
        SupervisorPolicy policy = ONE_ATTEMPT.withDeadline(
                DeadlinePolicy.of(Duration.ofSeconds(deadline)).withAttemptTimeout(Duration.ofSeconds(timeout)));
        Result<Object> result = one().policy(policy).build().run(context -> {
            time.advance(Duration.ofSeconds(3));
            throw new IOException();
        });
        assertThat(result.failure()).isEqualTo(kind);
    }

    @Test
    void aClosedSupervisorAnswersBeforeAnythingElse() {
        Supervisor closed =
                one().policy(ONE_ATTEMPT.withAdmission(AdmissionPolicy.of(1))).build();
        closed.close();
        AtomicInteger calls = new AtomicInteger();
        Result<Integer> result = closed.run(context -> calls.incrementAndGet());
        assertThat(result.failure()).isEqualTo(SHUTDOWN);
        assertThat(result.cause()).isInstanceOf(SupervisorShutdownException.class);
        assertThat(result.attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThatThrownBy(() -> closed.call(context -> calls.incrementAndGet()))
                .isInstanceOf(SupervisorShutdownException.class)
                .hasMessageContaining("'one'");
    }

    @Test
    void anExecutionWithoutAPermitIsRejectedAndItsTaskIsNeverTouched() {
        Supervisor limited =
                one().policy(ONE_ATTEMPT.withAdmission(AdmissionPolicy.of(1))).build();
        AtomicInteger calls = new AtomicInteger();
        Result<Result<Integer>> outer = limited.run(context -> limited.run(inner -> calls.incrementAndGet()));

        Result<Integer> inner = outer.value();
        assertThat(inner.failure()).isEqualTo(REJECTED);
        assertThat(inner.attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThat(inner.cause()).isInstanceOfSatisfying(AdmissionRejectedException.class, refused -> {
            assertThat(refused.limit()).isOne();
            assertThat(refused.inFlight()).isOne();
            assertThat(refused.waited()).isZero();
        });
    }

    @Test
    void aShutdownFromAnInnerSupervisorIsNeverRetried() {
        AtomicInteger calls = new AtomicInteger();
        Result<Object> result = one().policy(SupervisorPolicy.defaults())
                .build()
                .run(context -> {
                    calls.incrementAndGet();
                    throw new CompletionException(new SupervisorShutdownException("inner", null));
                });
        assertThat(calls).hasValue(1);
        assertThat(result.failure()).isEqualTo(HANDLER_ERROR);
    }

    // ---------------------------------------------------------------- runners

    private static ExecutorRunner runner(Function<Task<?>, Result<?>> body) {
        return new ExecutorRunner() {
            @Override
            @SuppressWarnings("unchecked") // the test hands in a result of the task's type
            public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
                return (Result<T>) body.apply(task);
            }
        };
    }

    @Test
    void theSupervisorNeverCallsATaskItself() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        IOException refusal = new IOException("this runner runs nothing");
        Supervisor supervisor = one().policy(SupervisorPolicy.defaults())
                .runner(runner(task -> Result.failure(HANDLER_ERROR, refusal)))
                .build();

        assertThat(supervisor.run(context -> calls.incrementAndGet()).cause()).isSameAs(refusal);
        assertThatThrownBy(() -> supervisor.call(context -> calls.incrementAndGet()))
                .isSameAs(refusal);
        assertThat(supervisor
                        .runAsync(context -> {
                            calls.incrementAndGet();
                            return null;
                        })
                        .isCompletedExceptionally())
                .isFalse();
        assertThat(calls).hasValue(0);
    }

    @Test
    void aRunnerThatThrowsIsAPanic() {
        RuntimeException thrown = new IllegalArgumentException("the runner's own");
        Result<Object> result = one().runner(runner(task -> {
                    throw thrown;
                }))
                .build()
                .run(context -> "never");
        assertThat(result.failure()).isEqualTo(PANIC);
        assertThat(result.cause()).isSameAs(thrown);
    }

    @Test
    void aRunnerThatReturnsNullIsAPanicThatSaysSo() {
        Result<Object> result = one().runner(runner(task -> null)).build().run(context -> "never");
        assertThat(result.failure()).isEqualTo(PANIC);
        assertThat(result.cause()).hasMessageContaining("returned null");
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"CONTEXT_CANCELLED", "SHUTDOWN", "REJECTED"})
    void whatOnlyARunnerCanKnowStands(FailureKind reported) {
        IOException cause = new IOException();
        Result<Object> result = one().policy(SupervisorPolicy.defaults())
                .runner(runner(task -> Result.failure(reported, cause)))
                .build()
                .run(context -> "never");
        assertThat(result.failure()).isEqualTo(reported);
        assertThat(result.cause()).isSameAs(cause);
        assertThat(result.attempts()).isOne();
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"HANDLER_ERROR", "PANIC"})
    void otherKindsAreClassifiedByTheThrowable(FailureKind reported) {
        Result<Object> exception = one().runner(runner(task -> Result.failure(reported, new IOException())))
                .build()
                .run(context -> "never");
        Result<Object> error = one().runner(runner(task -> Result.failure(reported, new Error())))
                .build()
                .run(context -> "never");
        assertThat(exception.failure()).isEqualTo(HANDLER_ERROR);
        assertThat(error.failure()).isEqualTo(PANIC);
    }

    @Test
    void aRunnerMayUseAnotherThread() {
        Thread caller = Thread.currentThread();
        Result<Thread> result = one().runner(ExecutorRunner.ownThread())
                .time(TimeSource.system())
                .build()
                .run(context -> {
                    assertThat(ExecutionContext.current()).isSameAs(context);
                    return Thread.currentThread();
                });
        assertThat(result.value()).isNotSameAs(caller);
    }

    @Test
    void aRunnerThatCallsTheTaskTwiceHasMadeOneAttempt() {
        AtomicInteger calls = new AtomicInteger();
        Result<Integer> result = one().runner(new ExecutorRunner() {
                    @Override
                    public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
                        ExecutorRunner.callerThread().execute(context, execution, task);
                        return ExecutorRunner.callerThread().execute(context, execution, task);
                    }
                })
                .build()
                .run(context -> calls.incrementAndGet());
        assertThat(result.value()).isEqualTo(2);
        assertThat(result.attempts()).isOne();
    }

    @Test
    void aRunnersReportNeedsAKindThatIsAFailure() {
        assertThatThrownBy(() -> Result.failure(NONE, new IOException())).isInstanceOf(IllegalArgumentException.class);
    }
}
