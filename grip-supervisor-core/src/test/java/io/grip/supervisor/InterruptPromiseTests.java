package io.grip.supervisor;

import static io.grip.supervisor.execution.FailureKind.CONTEXT_CANCELLED;
import static io.grip.supervisor.execution.FailureKind.HANDLER_ERROR;
import static io.grip.supervisor.execution.FailureKind.PANIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No interrupt leaks, and none is lost: neither one of ours nor anybody else's. */
@Timeout(60)
class InterruptPromiseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SupervisorPolicy ONE_ATTEMPT =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.none());
    private static final SupervisorPolicy RETRYING =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(SECOND));

    private final ManualTime time = ManualTime.selfAdvancing();

    /** What a task has found wrong: thrown there, it would be a failure of the task and nothing else. */
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    @BeforeEach
    @AfterEach
    void noFlagIsSetAndNothingIsWrong() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(wrong).isEmpty();
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }

    private Supervisor.Builder supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("test").policy(policy).time(time).shutdownGrace(SECOND);
    }

    private static boolean flag() {
        return Thread.currentThread().isInterrupted();
    }

    /** The ways into a blocking execution: the short way of a call that nobody listens to, and the long ones. */
    enum Way {
        RUN,
        CALL,
        CALL_THAT_IS_HEARD;

        Supervisor build(Supervisor.Builder builder) {
            return this == CALL_THAT_IS_HEARD
                    ? builder.hooks(new RecordingHooks()).build()
                    : builder.build();
        }

        /** The kind is the result's where there is one; a call tells no more than what it throws. */
        Result<Object> go(Supervisor supervisor, Task<Object> task) {
            if (this == RUN) {
                return supervisor.run(task);
            }
            try {
                return Result.success(supervisor.call(task));
            } catch (Throwable thrown) {
                return Result.failure(HANDLER_ERROR, thrown);
            }
        }

        /** The caller has its own interrupt back: as an exception and a clear flag from a call, else as the flag. */
        void assertIsHandedBack(Result<?> result) {
            assertThat(Thread.interrupted()).as("flag after " + this).isEqualTo(this == RUN);
            if (this == RUN) {
                assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
            } else {
                assertThat(result.cause()).isInstanceOf(InterruptedException.class);
            }
        }
    }

    /** What makes us interrupt a thread, done by the task itself. */
    enum Reason {
        DEADLINE(DeadlineExceededException.class),
        ATTEMPT_TIMEOUT(AttemptTimeoutException.class),
        CANCEL(CancellationException.class),
        CLOSE(SupervisorShutdownException.class);

        private final Class<? extends Throwable> outcome;

        Reason(Class<? extends Throwable> outcome) {
            this.outcome = outcome;
        }

        SupervisorPolicy policy() {
            return switch (this) {
                case DEADLINE -> ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(SECOND));
                case ATTEMPT_TIMEOUT ->
                    ONE_ATTEMPT.withDeadline(
                            DeadlinePolicy.of(SECOND.multipliedBy(9)).withAttemptTimeout(SECOND));
                case CANCEL, CLOSE -> ONE_ATTEMPT;
            };
        }

        void arise(ManualTime time, Supervisor supervisor, ExecutionContext context) {
            switch (this) {
                case DEADLINE, ATTEMPT_TIMEOUT -> time.advance(SECOND);
                case CANCEL -> context.cancel();
                case CLOSE -> {
                    supervisor.close();
                    time.advance(SECOND);
                }
            }
        }
    }

    /** What a task may do about an interrupt. */
    enum Conduct {
        THROWS,
        SWALLOWS_AND_FAILS,
        RESTORES_AND_FAILS,
        IGNORES_AND_FAILS,
        SWALLOWS,
        RESTORES,
        IGNORES;

        Object answer() throws Exception {
            switch (this) {
                case THROWS -> {
                    Thread.interrupted();
                    throw new InterruptedException("as any blocking method throws it");
                }
                case SWALLOWS_AND_FAILS -> {
                    Thread.interrupted();
                    throw new IOException("swallowed");
                }
                case RESTORES_AND_FAILS -> {
                    Thread.interrupted();
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(new InterruptedException("restored"));
                }
                case IGNORES_AND_FAILS -> throw new IOException("ignored");
                case SWALLOWS -> Thread.interrupted();
                case RESTORES -> {
                    Thread.interrupted();
                    Thread.currentThread().interrupt();
                }
                case IGNORES -> {}
            }
            return "value";
        }

        boolean succeeds() {
            return compareTo(SWALLOWS) >= 0;
        }
    }

    @Nested
    class Ours {

        @ParameterizedTest
        @EnumSource
        void isClearedWhateverTheTaskDoesAboutIt(Reason reason) {
            for (Way way : Way.values()) {
                for (Conduct conduct : Conduct.values()) {
                    Supervisor supervisor = way.build(supervisor(reason.policy()));
                    Result<Object> result = way.go(supervisor, context -> {
                        reason.arise(time, supervisor, context);
                        expect(flag(), "interrupted");
                        return conduct.answer();
                    });

                    String about = reason + " " + way + " " + conduct;
                    assertThat(flag()).as(about).isFalse();
                    if (conduct.succeeds()) {
                        assertThat(result.value()).as(about).isEqualTo("value");
                    } else {
                        assertThat(result.cause()).as(about).isInstanceOf(reason.outcome);
                    }
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void isGoneBeforeAnyHookRuns(Reason reason) {
            List<Boolean> flags = new ArrayList<>();
            Supervisor supervisor = supervisor(reason.policy().withRetry(RetryPolicy.of(2)))
                    .hooks(new RecordingHooks().then(call -> flags.add(flag())))
                    .build();
            supervisor.run(context -> {
                reason.arise(time, supervisor, context);
                return Conduct.RESTORES_AND_FAILS.answer();
            });

            assertThat(flags).hasSizeGreaterThan(1).containsOnly(false);
        }

        @Test
        void doesNotComeOutsideOfAnAttempt() {
            ExecutionContext[] kept = new ExecutionContext[1];
            List<Boolean> flags = new ArrayList<>();
            Supervisor supervisor = supervisor(RETRYING.withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(5))))
                    .hooks(new RecordingHooks().then(call -> {
                        if (kept[0] != null) {
                            kept[0].cancel();
                            time.advance(SECOND.multipliedBy(9));
                        }
                        flags.add(flag());
                    }))
                    .build();
            supervisor.run(context -> {
                kept[0] = context;
                throw new IOException();
            });
            kept[0].cancel();

            assertThat(flags).isNotEmpty().containsOnly(false);
            assertThat(flag()).isFalse();
        }

        @Test
        void comesToEachAttemptAnew() {
            SupervisorPolicy policy =
                    RETRYING.withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));
            AtomicInteger interrupts = new AtomicInteger();
            Result<Object> result = supervisor(policy).build().run(context -> {
                expect(!flag(), "a clear flag at the start");
                time.advance(SECOND);
                interrupts.addAndGet(flag() ? 1 : 0);
                throw new InterruptedException();
            });

            assertThat(interrupts).hasValue(3);
            assertThat(result.cause()).isInstanceOf(AttemptTimeoutException.class);
        }

        @Test
        void comesFromAnyThread() throws Exception {
            ManualTime standing = ManualTime.create();
            CountDownLatch running = new CountDownLatch(1);
            ExecutionContext[] kept = new ExecutionContext[1];
            Background<Boolean> caller = Background.call(() -> {
                Result<Object> result = supervisor(ONE_ATTEMPT)
                        .time(standing)
                        .build()
                        .run(context -> {
                            kept[0] = context;
                            running.countDown();
                            return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                        });
                assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
                assertThat(result.cause())
                        .isInstanceOf(CancellationException.class)
                        .hasCauseInstanceOf(InterruptedException.class);
                return flag();
            });
            running.await();
            kept[0].cancel();

            assertThat(caller.get()).isFalse();
        }

        /** A cancel that finds the flag set, and so cannot interrupt, holds all the same. */
        @Test
        void isNotNeededForACancelToHold() {
            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = supervisor(RETRYING).build().run(context -> {
                calls.incrementAndGet();
                Thread.currentThread().interrupt();
                context.cancel();
                Thread.interrupted();
                throw new IOException();
            });

            assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
            assertThat(result.cause()).isInstanceOf(CancellationException.class).hasCauseInstanceOf(IOException.class);
            assertThat(calls).hasValue(1);
        }

        @Test
        void doesNotKeepATaskFromCancellingWhatATimeoutHasInterrupted() {
            SupervisorPolicy policy =
                    RETRYING.withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));
            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = supervisor(policy).build().run(context -> {
                calls.incrementAndGet();
                time.advance(SECOND);
                context.cancel();
                throw new InterruptedException();
            });

            assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
            assertThat(result.cause()).isInstanceOf(CancellationException.class);
            assertThat(calls).hasValue(1);
        }

        @Test
        void doesNotKeepATaskFromCommittingAndThenItIsNotRepeated() {
            SupervisorPolicy policy =
                    RETRYING.withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));
            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = supervisor(policy).build().run(context -> {
                calls.incrementAndGet();
                time.advance(SECOND);
                context.commit();
                throw new InterruptedException();
            });

            assertThat(result.failure()).isEqualTo(HANDLER_ERROR);
            assertThat(calls).hasValue(1);
        }
    }

    @Nested
    class Foreign {

        @ParameterizedTest
        @EnumSource
        void isStillThereIfItWasThereBeforeAndDoesNotPreventTheFirstAttempt(Way way) {
            Supervisor supervisor = way.build(supervisor(RETRYING));
            Thread.currentThread().interrupt();
            assertThat(way.go(supervisor, context -> flag()).value()).isEqualTo(true);
            assertThat(flag()).isTrue();

            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = way.go(supervisor, context -> {
                calls.incrementAndGet();
                throw new IOException();
            });
            way.assertIsHandedBack(result);
            assertThat(calls).hasValue(1);
        }

        @ParameterizedTest
        @EnumSource
        void isHandedBackWhateverTheTaskDoesAboutIt(Way way) {
            for (Conduct conduct : Conduct.values()) {
                Result<Object> result = way.go(way.build(supervisor(ONE_ATTEMPT)), context -> {
                    Thread.currentThread().interrupt();
                    return conduct.answer();
                });

                switch (conduct) {
                    case THROWS, RESTORES_AND_FAILS, IGNORES_AND_FAILS -> way.assertIsHandedBack(result);
                    case RESTORES, IGNORES -> {
                        assertThat(result.value()).isEqualTo("value");
                        assertThat(Thread.interrupted()).as(conduct.name()).isTrue();
                    }
                    // Swallowed by the task, which is the task's own business.
                    case SWALLOWS, SWALLOWS_AND_FAILS ->
                        assertThat(flag()).as(conduct.name()).isFalse();
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void isLeftAloneByUsAtALimit(Way way) {
            Supervisor supervisor = way.build(supervisor(Reason.DEADLINE.policy()));
            Result<Object> result = way.go(supervisor, context -> {
                Thread.currentThread().interrupt();
                time.advance(SECOND.multipliedBy(2));
                return "value";
            });

            assertThat(result.value()).isEqualTo("value");
            assertThat(Thread.interrupted()).isTrue();
        }

        @ParameterizedTest
        @EnumSource
        void makesRoomForOursOnceTheTaskHasTakenIt(Way way) {
            Supervisor supervisor = way.build(supervisor(Reason.DEADLINE.policy()));
            Result<Object> result = way.go(supervisor, context -> {
                Thread.currentThread().interrupt();
                time.advance(SECOND.multipliedBy(2));
                expect(Thread.interrupted(), "the foreign interrupt");
                time.advance(Duration.ofMillis(1));
                expect(flag(), "ours after it");
                throw new InterruptedException();
            });

            assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
            assertThat(flag()).isFalse();
        }

        @ParameterizedTest
        @EnumSource
        void endsTheWaitForARetryAtOnce(Way way) throws Exception {
            ManualTime standing = ManualTime.create();
            AtomicInteger calls = new AtomicInteger();
            IOException failure = new IOException();
            Background<Void> caller = Background.run(() -> {
                Supervisor supervisor = way.build(supervisor(RETRYING).time(standing));
                Result<Object> result = way.go(supervisor, context -> {
                    calls.incrementAndGet();
                    throw failure;
                });
                assertThat(result.cause())
                        .isInstanceOf(InterruptedException.class)
                        .hasCause(failure);
                way.assertIsHandedBack(result);
            });
            standing.awaitWaitingThreads(1, PATIENCE);
            caller.thread().interrupt();

            caller.get();
            assertThat(calls).hasValue(1);
        }

        @ParameterizedTest
        @EnumSource
        void endsTheWaitForAPermitAtOnceAndIsThereOnEntry(Way way) throws Exception {
            SupervisorPolicy policy =
                    ONE_ATTEMPT.withAdmission(AdmissionPolicy.of(1).withMaxWait(SECOND));
            ManualTime standing = ManualTime.create();
            Supervisor supervisor = way.build(supervisor(policy).time(standing));
            AtomicInteger calls = new AtomicInteger();
            supervisor.run(outer -> {
                Background<Void> before = Background.run(() -> {
                    Thread.currentThread().interrupt();
                    way.assertIsHandedBack(way.go(supervisor, context -> calls.incrementAndGet()));
                });
                before.get();
                Background<Void> during = Background.run(
                        () -> way.assertIsHandedBack(way.go(supervisor, context -> calls.incrementAndGet())));
                standing.awaitWaitingThreads(1, PATIENCE);
                during.thread().interrupt();
                during.get();
                return null;
            });

            assertThat(calls).hasValue(0);
            assertThat(supervisor.waiting()).isZero();
            assertThat(supervisor.<Object>run(context -> "permit is there").isSuccess())
                    .isTrue();
        }

        @Test
        void isSeenByTheCallerEvenIfTheContextIsCancelledTooAndCannotInterrupt() {
            Result<Object> result = supervisor(ONE_ATTEMPT).build().run(context -> {
                Thread.currentThread().interrupt();
                context.cancel();
                return Conduct.THROWS.answer();
            });

            Way.RUN.assertIsHandedBack(result);
        }
    }

    /** An execution inside another, on the same thread. */
    @Nested
    class OneInsideAnother {

        private final Supervisor inner = supervisor(RETRYING).build();

        @ParameterizedTest
        @EnumSource
        void innerEndsCancelledWithTheFlagSetAndOnlyTheOuterOneClearsIt(Reason reason) {
            for (Way way : Way.values()) {
                for (Conduct conduct : Conduct.values()) {
                    if (conduct.succeeds()) {
                        continue;
                    }
                    Supervisor outer = supervisor(reason.policy()).build();
                    AtomicInteger calls = new AtomicInteger();
                    Result<Object> ofOuter = outer.run(context -> {
                        Result<Object> ofInner = way.go(way.build(supervisor(RETRYING)), within -> {
                            calls.incrementAndGet();
                            reason.arise(time, outer, context);
                            expect(flag(), "interrupted");
                            return conduct.answer();
                        });
                        String about = reason + " " + way + " " + conduct;
                        expect(flag(), "the flag after " + about);
                        expect(way != Way.RUN || ofInner.failure() == CONTEXT_CANCELLED, "cancelled: " + about);
                        return ofInner.orElseThrow();
                    });

                    assertThat(calls).hasValue(1);
                    assertThat(flag()).isFalse();
                    assertThat(ofOuter.cause()).isInstanceOf(reason.outcome);
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void innerWaitForARetryEndsWithTheOuterOne(Reason reason) {
            Supervisor outer = supervisor(reason.policy()).build();
            Supervisor patient = supervisor(RETRYING.withRetry(RetryPolicy.of(3).withBackoff(SECOND.multipliedBy(60))))
                    .hooks(new RecordingHooks().then(call -> {
                        if (call.hook().equals("onRetry")) {
                            reason.arise(time, outer, contextAround);
                        }
                    }))
                    .build();
            Result<Object> ofOuter = outer.run(context -> {
                contextAround = context;
                Result<Object> ofInner = patient.run(ExecutionContext.background(), Execution.of("inner"), within -> {
                    throw new IOException();
                });
                expect(ofInner.failure() == CONTEXT_CANCELLED, "cancelled");
                expect(ofInner.attempts() == 1, "one attempt");
                expect(flag(), "the flag after the inner one");
                return ofInner.orElseThrow();
            });

            assertThat(flag()).isFalse();
            assertThat(ofOuter.cause()).isInstanceOf(reason.outcome);
        }

        private ExecutionContext contextAround;

        @Test
        void innerThreadOfItsOwnIsLeftWithTheOuterOne() throws Exception {
            ManualTime standing = ManualTime.create();
            CountDownLatch running = new CountDownLatch(1);
            AtomicBoolean interrupted = new AtomicBoolean();
            CountDownLatch ended = new CountDownLatch(1);
            Supervisor own = supervisor(RETRYING)
                    .time(standing)
                    .runner(ExecutorRunner.ownThread())
                    .build();
            Supervisor outer =
                    supervisor(Reason.DEADLINE.policy()).time(standing).build();
            Background<Void> caller = Background.run(() -> {
                Result<Object> ofOuter = outer.run(context -> {
                    Result<Object> ofInner = own.run(within -> {
                        running.countDown();
                        try {
                            return new CountDownLatch(1).await(20, TimeUnit.SECONDS);
                        } catch (InterruptedException expected) {
                            interrupted.set(true);
                            throw expected;
                        } finally {
                            ended.countDown();
                        }
                    });
                    expect(ofInner.failure() == CONTEXT_CANCELLED, "cancelled");
                    expect(flag(), "the flag after the inner one");
                    return ofInner.orElseThrow();
                });
                assertThat(ofOuter.cause()).isInstanceOf(DeadlineExceededException.class);
                assertThat(flag()).isFalse();
            });
            running.await();
            standing.awaitWaitingThreads(1, PATIENCE);
            standing.advance(SECOND);

            caller.get();
            ended.await();
            assertThat(interrupted).isTrue();
        }

        @ParameterizedTest
        @EnumSource
        void anAsynchronousOneThatIsInterruptedWhileItStartsLeavesTheFlagToTheOuterOne(Reason reason) {
            Supervisor outer = supervisor(reason.policy()).build();
            Supervisor starting = supervisor(RETRYING).executor(Runnable::run).build();
            Result<Object> ofOuter = outer.run(context -> {
                Result<Object> ofInner = starting.runAsync(within -> {
                            reason.arise(time, outer, context);
                            Conduct.THROWS.answer();
                            return null;
                        })
                        .getNow(null);
                expect(ofInner.failure() == CONTEXT_CANCELLED, "cancelled");
                expect(flag(), "the flag after the inner one");
                return ofInner.orElseThrow();
            });

            assertThat(flag()).isFalse();
            assertThat(ofOuter.cause()).isInstanceOf(reason.outcome);
        }

        @Test
        void outerOneIsInterruptedAgainAfterAnInnerTimeoutOfItsOwn() {
            Supervisor outer = supervisor(Reason.DEADLINE.policy()).build();
            Supervisor brief = supervisor(
                            ONE_ATTEMPT.withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofMillis(100))))
                    .build();
            Result<Object> result = outer.run(context -> {
                Result<Object> ofInner = brief.run(within -> {
                    time.advance(Duration.ofMillis(100));
                    return Conduct.THROWS.answer();
                });
                expect(ofInner.cause() instanceof AttemptTimeoutException, "the inner timeout");
                expect(!flag(), "a clear flag after it");
                time.advance(SECOND);
                expect(flag(), "the outer interrupt");
                return Conduct.THROWS.answer();
            });

            assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
        }

        /** However the inner one was interrupted by us, to the outer one that is an error like any other. */
        @ParameterizedTest
        @EnumSource
        void innerInterruptsAreNotMistakenForTheCallers(Reason reason) {
            for (Way way : Way.values()) {
                Supervisor own = way.build(supervisor(reason.policy()));
                Result<Object> result = supervisor(ONE_ATTEMPT)
                        .build()
                        .run(outer -> way.go(own, context -> {
                                    reason.arise(time, own, context);
                                    return Conduct.THROWS.answer();
                                })
                                .orElseThrow());

                assertThat(result.failure()).as(reason + " " + way).isEqualTo(HANDLER_ERROR);
                assertThat(result.cause()).isInstanceOf(reason.outcome);
                assertThat(flag()).isFalse();
            }
        }

        @ParameterizedTest
        @EnumSource
        void aForeignInterruptGoesThroughBoth(Way way) {
            Result<Object> result = supervisor(RETRYING)
                    .build()
                    .run(outer -> way.go(inner, context -> {
                                Thread.currentThread().interrupt();
                                return Conduct.THROWS.answer();
                            })
                            .orElseThrow());

            Way.RUN.assertIsHandedBack(result);
        }

        @Test
        void theSeniorOfThreeClearsTheFlag() {
            Supervisor senior = supervisor(Reason.DEADLINE.policy()).build();
            List<Boolean> flags = new ArrayList<>();
            Result<Object> result = senior.run(outer -> inner.run(middle -> {
                        Result<Object> innermost = inner.run(context -> {
                            time.advance(SECOND);
                            return Conduct.THROWS.answer();
                        });
                        flags.add(flag());
                        return innermost.orElseThrow();
                    })
                    .orElseThrow());
            flags.add(flag());

            assertThat(flags).containsExactly(true, false);
            assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
        }
    }

    /** Runners that are not ours may call the task where they like. */
    @Nested
    class UnderAnotherRunner {

        /** Hands the task to another thread and waits for it, as with a pool of the user's own. */
        private ExecutorRunner elsewhere(Consumer<Thread> caller) {
            return new ExecutorRunner() {
                @Override
                public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
                    Thread waiting = Thread.currentThread();
                    Background<T> background = Background.call(() -> {
                        caller.accept(waiting);
                        return task.run(context);
                    });
                    try {
                        return Result.success(background.get());
                    } catch (ExecutionException failed) {
                        return Result.failure(HANDLER_ERROR, failed);
                    } catch (Exception unexpected) {
                        throw new IllegalStateException(unexpected);
                    }
                }
            };
        }

        @ParameterizedTest
        @EnumSource
        void anInterruptOfItsThreadIsNoneOfTheCallers(Way way) {
            Supervisor supervisor = way.build(supervisor(ONE_ATTEMPT).runner(elsewhere(caller -> {})));
            Result<Object> result = way.go(supervisor, context -> Conduct.THROWS.answer());

            assertThat(result.failure()).isEqualTo(HANDLER_ERROR);
            assertThat(result.cause()).hasRootCauseInstanceOf(InterruptedException.class);
            assertThat(flag()).isFalse();
        }

        @ParameterizedTest
        @EnumSource
        void anInterruptOfTheWaitingCallerIsTheCallers(Way way) {
            Supervisor supervisor = way.build(supervisor(ONE_ATTEMPT).runner(elsewhere(Thread::interrupt)));
            CountDownLatch never = new CountDownLatch(1);
            Result<Object> result = way.go(supervisor, context -> never.await(1, TimeUnit.MINUTES));

            way.assertIsHandedBack(result);
        }

        @ParameterizedTest
        @EnumSource
        void theWaitingCallerIsInterruptedAtALimit(Way way) {
            CountDownLatch never = new CountDownLatch(1);
            Supervisor supervisor =
                    way.build(supervisor(Reason.DEADLINE.policy()).runner(elsewhere(caller -> time.advance(SECOND))));
            Result<Object> result = way.go(supervisor, context -> never.await(1, TimeUnit.MINUTES));

            assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
            assertThat(flag()).isFalse();
        }

        @Test
        void oneThatIsInterruptedAndThrowsIsNoPanicOfItsOwn() {
            Supervisor supervisor = supervisor(ONE_ATTEMPT)
                    .runner(new ExecutorRunner() {
                        @Override
                        public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
                            throw new IllegalStateException(new InterruptedException());
                        }
                    })
                    .build();

            Way.RUN.assertIsHandedBack(supervisor.run(context -> "never"));
        }
    }

    @Test
    void anUncheckedFailureAroundTheInterruptIsTheCauseOfWhatACallThrows() {
        IllegalStateException around = new IllegalStateException(new InterruptedException()) {
            private static final long serialVersionUID = 1L;

            @Override
            public String toString() {
                throw new IllegalStateException("cannot even say what it is");
            }
        };
        assertThatThrownBy(() -> supervisor(ONE_ATTEMPT).build().call(context -> {
                    throw around;
                }))
                .isInstanceOf(InterruptedException.class)
                .extracting(Throwable::getCause)
                .isSameAs(around);
    }

    @Test
    void aThrowableThatCannotTellItsCauseIsClassifiedByItsType() {
        RuntimeException mute = new IllegalStateException("mute") {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException("cannot tell");
            }
        };
        for (Way way : Way.values()) {
            Result<Object> result = way.go(way.build(supervisor(ONE_ATTEMPT)), context -> {
                throw mute;
            });
            assertThat(result.failure()).isNotEqualTo(PANIC);
            assertThat(result.cause()).isSameAs(mute);
        }
    }

    /** Real threads and the real clock: executions that end about when their limit passes, one after another. */
    @Nested
    @Timeout(120)
    class AtTheVeryLimit {

        private static final int ROUNDS = 5_000;

        /** Where two threads have one processor between them, there are as many rounds as there is time for. */
        private static final Duration ENOUGH = Duration.ofSeconds(20);

        private static final int OVER = Integer.MAX_VALUE;

        @ParameterizedTest
        @EnumSource
        void theNextExecutionOfTheThreadSeesNoStrayInterrupt(Way way) {
            Duration limit = Duration.ofNanos(60_000);
            Supervisor brief =
                    way.build(Supervisor.builder("brief").policy(ONE_ATTEMPT.withDeadline(DeadlinePolicy.of(limit))));
            Supervisor next = way.build(Supervisor.builder("next").policy(ONE_ATTEMPT));
            int begun = 0;
            int interrupted = 0;
            int stray = 0;
            for (int round = 0; round < ROUNDS; round++) {
                // Each tenth waits for its interrupt, the others end a little before the limit or after it.
                boolean waits = round % 10 == 0;
                long patience = waits ? PATIENCE.toNanos() : limit.toNanos() - 30_000 + 12L * round;
                long until = System.nanoTime() + patience;
                Result<Object> result = way.go(brief, context -> {
                    while (System.nanoTime() - until < 0 && !flag()) {
                        Thread.onSpinWait();
                    }
                    return flag();
                });
                // Where the limit has passed before the task could begin, there was nothing to interrupt.
                begun += waits && result.isSuccess() ? 1 : 0;
                interrupted += waits && result.isSuccess() && (boolean) result.value() ? 1 : 0;
                stray += way.go(next, context -> flag()).value().equals(true) ? 1 : 0;
                stray += Thread.interrupted() ? 1 : 0;
            }

            assertThat(stray).isZero();
            assertThat(interrupted).isPositive().isEqualTo(begun);
        }

        @Test
        void aCancelThatComesTooLateInterruptsNothing() throws Exception {
            Supervisor supervisor = supervisor(ONE_ATTEMPT).build();
            ExecutionContext[] contexts = new ExecutionContext[ROUNDS];
            AtomicInteger begun = new AtomicInteger(-1);
            AtomicInteger cancelled = new AtomicInteger(-1);
            Background<Void> canceller = Background.run(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    awaitAtLeast(begun, round);
                    if (begun.get() == OVER) {
                        return;
                    }
                    contexts[round].cancel();
                    cancelled.set(round);
                }
            });
            int stray = 0;
            long since = System.nanoTime();
            for (int number = 0; number < ROUNDS && System.nanoTime() - since < ENOUGH.toNanos(); number++) {
                int round = number;
                supervisor.run(context -> {
                    contexts[round] = context;
                    begun.set(round);
                    for (int spins = round % 60; spins > 0; spins--) {
                        Thread.onSpinWait();
                    }
                    return null;
                });
                stray += flag() ? 1 : 0;
                awaitAtLeast(cancelled, round);
                stray += Thread.interrupted() ? 1 : 0;
            }
            begun.set(OVER);
            canceller.get();

            assertThat(stray).isZero();
        }

        /** Takes no notice of an interrupt, so the test's own timeout is no bound for it. */
        private void awaitAtLeast(AtomicInteger counter, int value) {
            long since = System.nanoTime();
            while (counter.get() < value) {
                if (System.nanoTime() - since > PATIENCE.toNanos()) {
                    throw new AssertionError("the other thread has not come to round " + value);
                }
                Thread.yield();
            }
        }
    }
}
