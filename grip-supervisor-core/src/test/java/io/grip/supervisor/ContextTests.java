package io.grip.supervisor;

import static io.grip.supervisor.execution.FailureKind.CONTEXT_CANCELLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.hook.Hooks;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What contexts know and pass on, and what becomes of an execution below one that is over. */
class ContextTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = ManualTime.selfAdvancing();
    private final RecordingHooks hooks = new RecordingHooks();
    private final AtomicInteger calls = new AtomicInteger();

    enum Runner {
        CALLER(ExecutorRunner.callerThread()),
        OWN(ExecutorRunner.ownThread());

        private final ExecutorRunner runner;

        Runner(ExecutorRunner runner) {
            this.runner = runner;
        }
    }

    @AfterEach
    void noInterruptIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private Supervisor.Builder supervisor() {
        return Supervisor.builder("test")
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0)))
                .time(time)
                .hooks(hooks);
    }

    private Result<Integer> runBelow(ExecutionContext parent, Supervisor supervisor) {
        return supervisor.run(parent, Execution.of("below"), context -> calls.incrementAndGet());
    }

    /** A context on our clock, which only a task can have. */
    private ExecutionContext contextOf(Supervisor supervisor) {
        return supervisor
                .<ExecutionContext>run(context -> context.withTimeout(SECOND.multipliedBy(60)))
                .value();
    }

    @ParameterizedTest
    @EnumSource
    void belowACancelledContextNoAttemptIsMade(Runner runner) {
        Supervisor supervisor = supervisor().runner(runner.runner).build();
        ExecutionContext parent = ExecutionContext.background().withTimeout(SECOND.multipliedBy(60));
        parent.cancel();
        Result<Integer> result = runBelow(parent, supervisor);

        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(result.cause()).isInstanceOf(CancellationException.class);
        assertThat(result.attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThat(hooks.texts()).containsExactly("onFailure CONTEXT_CANCELLED");
    }

    @ParameterizedTest
    @EnumSource
    void belowAContextWhoseTimeIsOverNoAttemptIsMadeAndItIsTheDeadline(Runner runner) {
        Supervisor supervisor = supervisor().runner(runner.runner).build();
        ExecutionContext parent = contextOf(supervisor().hooks(Hooks.none()).build());
        time.advance(SECOND.multipliedBy(61));
        Result<Integer> result = runBelow(parent, supervisor);

        assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(result.attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThat(hooks.texts()).containsExactly("onFailure CONTEXT_CANCELLED");
    }

    @ParameterizedTest
    @EnumSource
    void aCancelInTheHookBeforeAnAttemptKeepsItFromBeingMade(Runner runner) {
        Supervisor supervisor = supervisor()
                .runner(runner.runner)
                .policy(SupervisorPolicy.defaults().withAdmission(AdmissionPolicy.of(1)))
                .build();
        hooks.then(call -> {
            if (call.hook().equals("onStart")) {
                call.context().cancel();
            }
        });
        Result<Integer> result = runBelow(ExecutionContext.background(), supervisor);

        assertThat(result.failure()).isEqualTo(CONTEXT_CANCELLED);
        assertThat(calls).hasValue(0);
        assertThat(hooks.names()).containsExactly("onStart", "onFailure");
        hooks.then(call -> {});
        assertThat(runBelow(ExecutionContext.background(), supervisor).isSuccess())
                .as("the permit is back")
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aDeadlineThatPassesInTheHookBeforeAnAttemptKeepsItFromBeingMade(Runner runner) {
        Supervisor supervisor = supervisor()
                .runner(runner.runner)
                .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(SECOND)))
                .build();
        hooks.then(call -> time.advance(SECOND));
        Result<Integer> result = runBelow(ExecutionContext.background(), supervisor);

        assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(calls).hasValue(0);
    }

    @Test
    void aDeadlineThatPassesInTheHookBeforeAWaitEndsTheWait() {
        Supervisor supervisor = supervisor()
                .policy(supervisor().build().policy().withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(5))))
                .build();
        IOException failure = new IOException();
        hooks.then(call -> {
            if (call.hook().equals("onRetry")) {
                time.advance(SECOND.multipliedBy(4).plusMillis(500));
            }
        });
        Result<Object> result = supervisor.run(context -> {
            throw failure;
        });

        assertThat(result.cause()).isInstanceOf(DeadlineExceededException.class).hasCause(failure);
        assertThat(result.duration()).isEqualTo(SECOND.multipliedBy(5));
    }

    @ParameterizedTest
    @EnumSource
    void theTimeOfAParentIsTheDeadlineAndEndsAttemptsWithIt(Runner runner) {
        // Moved by the task alone: a caller who waits for an attempt on another thread would move it, too.
        ManualTime standing = ManualTime.create();
        Supervisor supervisor =
                supervisor().time(standing).runner(runner.runner).build();
        ExecutionContext parent =
                contextOf(supervisor().time(standing).hooks(Hooks.none()).build());
        List<Optional<Duration>> remaining = new CopyOnWriteArrayList<>();
        Result<Object> result = supervisor.run(parent, Execution.of("below"), context -> {
            remaining.add(context.remaining());
            standing.advance(SECOND.multipliedBy(60));
            throw new IOException();
        });

        assertThat(remaining).containsExactly(Optional.of(SECOND.multipliedBy(60)));
        assertThat(result.cause())
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        exceeded -> assertThat(exceeded.limit()).isEqualTo(SECOND.multipliedBy(60)));
    }

    @Test
    void theShorterOfTheParentsTimeAndItsOwnDecides() {
        ExecutionContext parent = contextOf(supervisor().build());
        Supervisor brief = supervisor()
                .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(SECOND)))
                .build();
        Supervisor patient = supervisor()
                .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(90))))
                .build();

        assertThat(brief.run(parent, Execution.of("brief"), ExecutionContext::remaining)
                        .value())
                .contains(SECOND);
        assertThat(patient.run(parent, Execution.of("patient"), ExecutionContext::remaining)
                        .value())
                .contains(SECOND.multipliedBy(60));
    }

    /** Each reading of this clock is later than the one before, as on a real one. */
    @Test
    void anInnerDeadlineIsNeverLaterThanTheOuterOne() {
        AtomicLong ticks = new AtomicLong();
        TimeSource ticking = new TickingTime(ticks);
        Supervisor outer = Supervisor.builder("outer")
                .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(SECOND)))
                .time(ticking)
                .build();
        Supervisor inner = Supervisor.builder("inner").time(ticking).build();
        List<Long> ends = new ArrayList<>();
        outer.run(around -> inner.run(within -> {
            long left = within.remaining().orElseThrow().toNanos();
            ends.add(ticks.get() + left);
            left = around.remaining().orElseThrow().toNanos();
            ends.add(ticks.get() + left);
            return null;
        }));

        assertThat(ends).hasSize(2);
        assertThat(ends.get(0)).isLessThanOrEqualTo(ends.get(1));
    }

    private record TickingTime(AtomicLong ticks) implements TimeSource {
        @Override
        public long nanoTime() {
            return ticks.incrementAndGet();
        }

        @Override
        public Timer schedule(long at, Runnable action) {
            return () -> true;
        }

        @Override
        public void parkUntil(long at) {
            ticks.set(Math.max(at, ticks.get()));
        }

        @Override
        public void park() {
            throw new AssertionError("nobody would ever wake us");
        }
    }

    @Test
    void aContextOfAnotherClockIsTakenByWhatItHasLeft() {
        ManualTime other = ManualTime.create();
        ExecutionContext parent = Supervisor.builder("other")
                .time(other)
                .build()
                .<ExecutionContext>run(context -> context.withTimeout(SECOND.multipliedBy(5)))
                .value();
        other.advance(SECOND.multipliedBy(2));
        time.advance(SECOND.multipliedBy(1_000));

        assertThat(supervisor()
                        .build()
                        .run(parent, Execution.of("below"), ExecutionContext::remaining)
                        .value())
                .contains(SECOND.multipliedBy(3));
    }

    @Test
    void aChildHasNoMoreTimeThanItsParentAndIsCancelledWithIt() {
        Supervisor supervisor = supervisor()
                .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(SECOND)))
                .build();
        List<ExecutionContext> children = new ArrayList<>();
        Result<Boolean> result = supervisor.run(context -> {
            children.add(context.withTimeout(SECOND.multipliedBy(9)));
            children.add(context.withTimeout(Duration.ofMillis(1)));
            assertThat(children.get(0).attempt()).isOne();
            boolean right = children.get(0).remaining().orElseThrow().equals(SECOND);
            time.advance(Duration.ofMillis(1));
            right &= !children.get(0).isCancelled() && children.get(1).isCancelled();
            context.cancel();
            right &= children.get(0).isCancelled();
            Thread.interrupted();
            return right;
        });

        assertThat(result.value()).isTrue();
        assertThatThrownBy(() -> ExecutionContext.background().withTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeout must be more than zero, but is PT0S");
    }

    @Test
    void theBackgroundHasNoEnd() {
        ExecutionContext background = ExecutionContext.background();

        assertThatThrownBy(background::cancel)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("withTimeout");
        assertThat(background.isCancelled()).isFalse();
        assertThat(background.remaining()).isEmpty();
        assertThat(background.attempt()).isZero();
        assertThat(ExecutionContext.current()).isSameAs(background);
    }

    /** A call that only failures are heard of begins without the execution's context, and has one in the hooks. */
    @Test
    void inTheHooksOfACallThatFailsTheContextIsThatOfTheExecution() {
        List<ExecutionContext> contexts = new ArrayList<>();
        Hooks failuresOnly = new Hooks() {
            @Override
            public Interest interest() {
                return Interest.FAILURES;
            }

            @Override
            public void onStart(Execution execution) {
                contexts.add(ExecutionContext.current());
            }

            @Override
            public void onFailure(Execution execution, Result<?> result) {
                contexts.add(ExecutionContext.current());
            }
        };
        Supervisor supervisor = supervisor()
                .policy(SupervisorPolicy.defaults().withRetry(RetryPolicy.none()))
                .hooks(failuresOnly)
                .build();
        assertThatThrownBy(() -> supervisor.call(context -> {
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);

        assertThat(contexts).isNotEmpty().doesNotContain(ExecutionContext.background());
    }
}
