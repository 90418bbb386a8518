package io.grip.supervisor;

import static io.grip.supervisor.execution.FailureKind.CONTEXT_CANCELLED;
import static io.grip.supervisor.execution.FailureKind.HANDLER_ERROR;
import static io.grip.supervisor.execution.FailureKind.NONE;
import static io.grip.supervisor.execution.FailureKind.SHUTDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attempts on threads of their own: when the caller leaves them, what becomes of them, and what they carry. */
@Timeout(60)
class OwnThreadTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SupervisorPolicy ONE_ATTEMPT =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.none());
    private static final SupervisorPolicy BRIEF =
            ONE_ATTEMPT.withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));

    private final ManualTime time = ManualTime.create();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final Stubborn stubborn = new Stubborn();

    @AfterEach
    void nobodyIsLeftBehind() {
        stubborn.relent();
        assertThat(Thread.interrupted()).isFalse();
    }

    private Supervisor.Builder own(SupervisorPolicy policy) {
        return Supervisor.builder("own")
                .runner(ExecutorRunner.ownThread())
                .policy(policy)
                .time(time)
                .telemetry(telemetry);
    }

    /** A task that notices interrupts and goes on all the same, until the test lets it end. */
    private static final class Stubborn implements Task<Object> {
        private final CountDownLatch running = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private final CountDownLatch interrupted = new CountDownLatch(1);
        private final AtomicInteger calls = new AtomicInteger();
        private volatile Throwable ending;
        private volatile ExecutionContext context;
        private volatile Thread thread;

        @Override
        public Object run(ExecutionContext context) {
            this.context = context;
            thread = Thread.currentThread();
            calls.incrementAndGet();
            running.countDown();
            carryOn();
            if (ending != null) {
                throw Throwables.<RuntimeException>sneak(ending);
            }
            return "late";
        }

        private void carryOn() {
            while (true) {
                try {
                    end.await();
                    return;
                } catch (InterruptedException noticed) {
                    interrupted.countDown();
                }
            }
        }

        private void relent() {
            end.countDown();
        }

        /** As {@link #relent}, and waits until its thread is gone, so that all it tells has been told. */
        private void relentAndEnd() throws InterruptedException {
            relent();
            thread.join(PATIENCE.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Nested
    class ATaskThatTakesNoNotice {

        private Background<Result<Object>> startStubborn(Supervisor supervisor) throws InterruptedException {
            Background<Result<Object>> caller = Background.call(() -> supervisor.run(stubborn));
            stubborn.running.await();
            time.awaitWaitingThreads(1, PATIENCE);
            return caller;
        }

        @Test
        void theCallerLeavesAtTheAttemptTimeoutAndTheThreadIsInterrupted() throws Exception {
            Supervisor supervisor = own(BRIEF).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            time.advance(SECOND.minusNanos(1));
            assertThat(stubborn.interrupted.getCount()).isOne();
            assertThat(stubborn.context.isCancelled()).isFalse();
            time.advance(Duration.ofNanos(1));

            Result<Object> result = caller.get();
            assertThat(result.failure()).isEqualTo(HANDLER_ERROR);
            assertThat(result.cause())
                    .isInstanceOf(AttemptTimeoutException.class)
                    .hasNoCause();
            stubborn.interrupted.await();
            assertThat(stubborn.context.isCancelled()).isTrue();
            assertThat(telemetry.count("attempt TIMEOUT")).isOne();
        }

        @Test
        void theCallerLeavesAtTheDeadline() throws Exception {
            Supervisor supervisor =
                    own(ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(SECOND))).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            time.advance(SECOND);

            assertThat(caller.get().failure()).isEqualTo(CONTEXT_CANCELLED);
            assertThat(caller.get().cause()).isInstanceOf(DeadlineExceededException.class);
            stubborn.interrupted.await();
        }

        @Test
        void theCallerLeavesOnACancel() throws Exception {
            Supervisor supervisor = own(SupervisorPolicy.defaults()).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            stubborn.context.cancel();

            assertThat(caller.get().failure()).isEqualTo(CONTEXT_CANCELLED);
            stubborn.interrupted.await();
            assertThat(stubborn.calls).hasValue(1);
        }

        @Test
        void theCallerLeavesWhenItIsInterruptedItself() throws Exception {
            Supervisor supervisor = own(SupervisorPolicy.defaults()).build();
            Background<Boolean> caller = Background.call(() -> {
                assertThat(supervisor.run(stubborn).failure()).isEqualTo(CONTEXT_CANCELLED);
                return Thread.currentThread().isInterrupted();
            });
            stubborn.running.await();
            caller.thread().interrupt();

            assertThat(caller.get()).isTrue();
            stubborn.interrupted.await();
            assertThat(stubborn.context.isCancelled()).isTrue();
        }

        @Test
        void theCallerLeavesAtOnceIfItIsInterruptedAlreadyButTheAttemptIsMade() throws Exception {
            Supervisor supervisor = own(SupervisorPolicy.defaults()).build();
            Thread.currentThread().interrupt();
            assertThat(supervisor.run(stubborn).failure()).isEqualTo(CONTEXT_CANCELLED);
            assertThat(Thread.interrupted()).isTrue();

            stubborn.interrupted.await();
            assertThat(stubborn.calls).hasValue(1);
        }

        @Test
        void theCallerLeavesWhenTheGraceOfACloseIsOver() throws Exception {
            Supervisor supervisor =
                    own(SupervisorPolicy.defaults()).shutdownGrace(SECOND).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            Background<Void> closer = Background.run(supervisor::close);
            time.awaitWaitingThreads(2, PATIENCE);
            time.advance(SECOND);

            assertThat(caller.get().failure()).isEqualTo(SHUTDOWN);
            stubborn.interrupted.await();
            closer.get();
        }

        @Test
        void itIsListedAsAbandonedAfterOneSecondWithItsAgeAndItsStackUntilItEnds() throws Exception {
            Supervisor supervisor = own(BRIEF).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            time.advance(SECOND);
            caller.get();
            stubborn.interrupted.await();
            time.advance(SECOND.minusNanos(1));
            assertThat(supervisor.abandonedThreads()).isEmpty();
            time.advance(Duration.ofNanos(1));
            time.advance(SECOND);

            assertThat(supervisor.abandonedThreads()).singleElement().satisfies(thread -> {
                assertThat(thread.thread()).isEqualTo("grip-own");
                assertThat(thread.age()).isEqualTo(SECOND.multipliedBy(2));
                assertThat(thread.stack())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("carryOn");
            });
            assertThat(supervisor.inFlight()).isOne();

            stubborn.relentAndEnd();
            assertThat(supervisor.abandonedThreads()).isEmpty();
            assertThat(supervisor.inFlight()).isZero();
            assertThat(telemetry.count("lateResult")).isOne();
            assertThat(telemetry.count("attempt SUCCESS")).isZero();
        }

        @Test
        void itIsNotListedIfItEndsWithinASecond() throws Exception {
            Supervisor supervisor = own(BRIEF).build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            time.advance(SECOND);
            caller.get();
            stubborn.ending = new IOException("late, and a failure");
            stubborn.relentAndEnd();
            assertThat(supervisor.inFlight()).isZero();
            time.advance(SECOND.multipliedBy(2));

            assertThat(supervisor.abandonedThreads()).isEmpty();
            assertThat(telemetry.count("lateResult")).isZero();
            assertThat(time.pendingTimers()).isZero();
        }

        @Test
        void itsRetryWaitsForAFreePermitHoweverLongThatTakes() throws Exception {
            SupervisorPolicy policy = BRIEF.withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO))
                    .withAdmission(AdmissionPolicy.of(1));
            Supervisor supervisor = own(policy).build();
            AtomicInteger attempts = new AtomicInteger();
            Background<Result<Object>> caller = Background.call(() ->
                    supervisor.run(context -> attempts.incrementAndGet() == 1 ? stubborn.run(context) : "second"));
            stubborn.running.await();
            time.awaitWaitingThreads(1, PATIENCE);
            time.advance(SECOND);
            await().atMost(PATIENCE).until(() -> supervisor.waiting() == 1);
            time.advance(SECOND.multipliedBy(60));
            assertThat(caller.isDone()).isFalse();
            stubborn.relentAndEnd();

            assertThat(caller.get().value()).isEqualTo("second");
            assertThat(caller.get().attempts()).isEqualTo(2);
            assertThat(telemetry.count("lateResult")).isOne();
        }

        @Test
        void anInterruptOfItsThreadByOthersIsAnErrorThatIsRetried() {
            SupervisorPolicy policy =
                    SupervisorPolicy.defaults().withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO));
            Result<Object> result = own(policy).build().run(context -> {
                if (context.attempt() == 1) {
                    throw new IllegalStateException(new InterruptedException("somebody's"));
                }
                return "second";
            });

            assertThat(result.value()).isEqualTo("second");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void onceItHasCommittedTheCallerStaysPastTheTimeoutUntilTheDeadline() throws Exception {
            Supervisor supervisor = own(ONE_ATTEMPT.withDeadline(
                            DeadlinePolicy.of(SECOND.multipliedBy(5)).withAttemptTimeout(SECOND)))
                    .build();
            Background<Result<Object>> caller = startStubborn(supervisor);
            stubborn.context.commit();
            time.advance(SECOND);
            time.awaitWaitingThreads(1, PATIENCE);
            assertThat(stubborn.context.isCancelled()).isFalse();
            time.advance(SECOND.multipliedBy(3));
            time.awaitWaitingThreads(1, PATIENCE);
            assertThat(caller.isDone()).isFalse();
            time.advance(SECOND);

            assertThat(caller.get().cause()).isInstanceOf(DeadlineExceededException.class);
        }

        /** A commit a moment after the timeout has been noticed changes nothing. */
        @Test
        void aCommitThatComesTooLateDoesNotTakeTheTimeoutBack() throws Exception {
            Supervisor supervisor = own(BRIEF).build();
            AtomicBoolean cancelled = new AtomicBoolean();
            Background<Result<Object>> caller = Background.call(() -> supervisor.run(context -> {
                time.awaitWaitingThreads(1, PATIENCE);
                time.advance(SECOND.plusNanos(1));
                cancelled.set(context.isCancelled());
                context.commit();
                cancelled.compareAndSet(true, context.isCancelled());
                return stubborn.run(context);
            }));

            Result<Object> result = caller.get();
            assertThat(result.cause()).isInstanceOf(AttemptTimeoutException.class);
            // The caller may have left before the task has looked.
            assertThat(stubborn.running.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(cancelled).isTrue();
        }

        @Test
        void itsContextIsCancelledOnceItHasFailedAndNotIfItHasSucceeded() {
            List<ExecutionContext> contexts = new CopyOnWriteArrayList<>();
            SupervisorPolicy policy =
                    SupervisorPolicy.defaults().withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO));
            own(policy).build().run(context -> {
                contexts.add(context);
                if (context.attempt() == 1) {
                    throw new IOException();
                }
                return null;
            });

            assertThat(contexts).extracting(ExecutionContext::isCancelled).containsExactly(true, false);
        }

        @Test
        void aCancelThatTheTaskAnswersByFailingHoldsAllTheSame() {
            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = own(SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3)))
                    .build()
                    .run(context -> {
                        calls.incrementAndGet();
                        context.cancel();
                        throw new IOException();
                    });

            assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
            assertThat(calls).hasValue(1);
        }
    }

    @Nested
    class ItsThread {

        @Test
        void isVirtualWhereTheJvmHasThemAndADaemonElsewhere() {
            Result<Thread> result = own(ONE_ATTEMPT).build().run(context -> Thread.currentThread());

            assertThat(Threads.haveVirtual()).isEqualTo(Runtime.version().feature() >= 21);
            assertThat(Threads.isVirtual(result.value())).isEqualTo(Threads.haveVirtual());
            assertThat(result.value().isDaemon()).isTrue();
            assertThat(result.value().getName()).isEqualTo("grip-own");
        }

        @Test
        void isAnotherForEachAttemptAndGoneAfterIt() {
            List<Thread> threads = new CopyOnWriteArrayList<>();
            SupervisorPolicy policy =
                    SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(Duration.ZERO));
            own(policy).build().run(context -> {
                threads.add(Thread.currentThread());
                throw new IOException();
            });

            assertThat(threads).hasSize(3).doesNotHaveDuplicates().doesNotContain(Thread.currentThread());
            await().atMost(PATIENCE).until(() -> threads.stream().noneMatch(Thread::isAlive));
        }

        @Test
        void carriesWhatTheCallersThreadCarries() {
            ThreadLocal<String> local = new ThreadLocal<>();
            AtomicInteger captures = new AtomicInteger();
            ContextCarrier carrier = () -> {
                captures.incrementAndGet();
                String captured = local.get();
                return new ContextCarrier.Captured() {
                    @Override
                    public <T> T call(ContextCarrier.Call<T> body) throws Exception {
                        local.set(captured);
                        try {
                            return body.call();
                        } finally {
                            local.remove();
                        }
                    }
                };
            };
            SupervisorPolicy policy =
                    SupervisorPolicy.defaults().withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO));
            local.set("the caller's");
            Result<String> result = own(policy).carrier(carrier).build().run(context -> {
                if (context.attempt() == 1) {
                    throw new IOException();
                }
                return local.get();
            });
            local.remove();

            assertThat(result.value()).isEqualTo("the caller's");
            assertThat(captures).hasValue(1);
        }

        static List<ContextCarrier> brokenCarriers() {
            return List.of(
                    () -> {
                        throw new OutOfMemoryError("made up");
                    },
                    () -> {
                        throw new IllegalStateException("made up");
                    },
                    () -> null);
        }

        @ParameterizedTest
        @MethodSource("brokenCarriers")
        void carriesNothingWhereTheCarrierFails(ContextCarrier broken) {
            Supervisor supervisor = own(ONE_ATTEMPT.withAdmission(AdmissionPolicy.of(1)))
                    .carrier(broken)
                    .build();
            for (int round = 0; round < 2; round++) {
                assertThat(supervisor.<Object>run(context -> "value").failure()).isEqualTo(NONE);
            }
            assertThat(telemetry.count("hookError")).isEqualTo(2);
        }

        @ParameterizedTest
        @MethodSource("io.grip.supervisor.fixture.Throwables#ofEverySort")
        void failsTheAttemptWhereWhatWasCapturedFails(Throwable thrown) {
            ContextCarrier carrier = () -> new ContextCarrier.Captured() {
                @Override
                public <T> T call(ContextCarrier.Call<T> body) {
                    throw Throwables.<RuntimeException>sneak(thrown);
                }
            };
            Supervisor supervisor = own(ONE_ATTEMPT.withAdmission(AdmissionPolicy.of(1)))
                    .carrier(carrier)
                    .build();
            for (int round = 0; round < 2; round++) {
                assertThat(supervisor.<Object>run(context -> "value").cause()).isSameAs(thrown);
            }
            assertThat(supervisor.inFlight()).isZero();
        }

        /** On the real clock, with a thread that ends when it is interrupted. */
        @Test
        void isInterruptedInTime() {
            AtomicBoolean interrupted = new AtomicBoolean();
            Supervisor supervisor = own(ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(Duration.ofMillis(20))))
                    .time(TimeSource.system())
                    .build();
            Result<Object> result;
            long since = System.nanoTime();
            do {
                assertThat(System.nanoTime() - since)
                        .as("how long no attempt has begun before its deadline, in ns")
                        .isLessThan(PATIENCE.toNanos());
                result = supervisor.run(ExecutionContext.background(), Execution.of("real"), context -> {
                    try {
                        new CountDownLatch(1).await();
                        return null;
                    } catch (InterruptedException expected) {
                        interrupted.set(true);
                        throw expected;
                    }
                });
                assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
                // Where the deadline has passed before the attempt could begin, there was nothing to interrupt.
            } while (result.attempts() == 0);

            await().atMost(PATIENCE).untilTrue(interrupted);
        }
    }
}
