package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.RetryAfter;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The steps of an execution, blocking and asynchronous over one body: what follows what, and who hears of it. */
class ExecutionStepsTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RecordingHooks hooks = new RecordingHooks();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();

    /** Both ways into an execution; each moves its own clock until the execution is over. */
    enum Way {
        BLOCKING {
            @Override
            Result<Object> run(Supervisor.Builder builder, Script script) {
                ManualTime time = ManualTime.selfAdvancing();
                return builder.time(time).build().run(context -> script.next(time));
            }
        },
        ASYNCHRONOUS {
            @Override
            Result<Object> run(Supervisor.Builder builder, Script script) {
                ManualTime time = ManualTime.create();
                CompletableFuture<Result<Object>> future = builder.time(time)
                        .executor(Runnable::run)
                        .build()
                        .runAsync(context -> CompletableFuture.completedFuture(script.next(time)));
                for (int moves = 0; !future.isDone() && moves < 1_000; moves++) {
                    time.advance(Duration.ofMillis(100));
                }
                return future.getNow(null);
            }
        };

        abstract Result<Object> run(Supervisor.Builder builder, Script script);
    }

    /** What the attempts do, one after another; the last goes on for ever. */
    private static final class Script {
        private final Deque<Object> steps = new ArrayDeque<>();
        private int calls;

        Script then(Object valueOrThrowable) {
            steps.add(valueOrThrowable);
            return this;
        }

        Script takes(Duration span) {
            steps.add(span);
            return this;
        }

        Object next(ManualTime time) {
            calls++;
            Object step = take();
            if (step instanceof Duration span) {
                time.advance(span);
                step = take();
            }
            if (step instanceof Throwable thrown) {
                throw Throwables.<RuntimeException>sneak(thrown);
            }
            return step;
        }

        private Object take() {
            return steps.size() > 1 ? steps.poll() : steps.peek();
        }
    }

    private final IOException first = new IOException("first");
    private final IOException second = new IOException("second");
    private final IOException third = new IOException("third");

    private Supervisor.Builder supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("steps").policy(policy).hooks(hooks).telemetry(telemetry);
    }

    private static SupervisorPolicy retrying(int attempts) {
        return SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(attempts).withBackoff(SECOND).withJitter(0));
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessIsStartAndSuccess(Way way) {
        Result<Object> result = way.run(supervisor(retrying(3)), new Script().then("value"));

        assertThat(result.value()).isEqualTo("value");
        assertThat(hooks.texts()).containsExactly("onStart", "onSuccess");
        assertThat(hooks.last().result()).isSameAs(result);
        assertThat(telemetry.counts())
                .containsOnlyKeys("attempt SUCCESS", "execution NONE")
                .allSatisfy((call, count) -> assertThat(count).isOne());
    }

    @ParameterizedTest
    @EnumSource
    void aRetryIsAnnouncedWithTheAttemptToComeTheDelayAndTheCause(Way way) {
        Result<Object> result = way.run(
                supervisor(retrying(3)), new Script().then(first).then(second).then("value"));

        assertThat(hooks.texts()).containsExactly("onStart", "onRetry 2 PT1S", "onRetry 3 PT1S", "onSuccess");
        assertThat(hooks.heard().get(1).cause()).isSameAs(first);
        assertThat(hooks.heard().get(2).cause()).isSameAs(second);
        assertThat(result.attempts()).isEqualTo(3);
        assertThat(result.earlierFailures()).containsExactly(first, second);
        assertThat(result.duration()).isGreaterThanOrEqualTo(SECOND.multipliedBy(2));
        assertThat(telemetry.count("retry")).isEqualTo(2);
        assertThat(telemetry.count("backoff")).isEqualTo(2);
        assertThat(telemetry.count("attempt FAILURE")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void exhaustedRetriesGiveUpAndEscalateInThatOrder(Way way) {
        Result<Object> result =
                way.run(supervisor(retrying(2)), new Script().then(first).then(second));

        assertThat(hooks.texts())
                .containsExactly(
                        "onStart",
                        "onRetry 2 PT1S",
                        "onFailure HANDLER_ERROR",
                        "onGiveUp HANDLER_ERROR",
                        "onEscalate HANDLER_ERROR");
        assertThat(result.cause()).isSameAs(second);
        assertThat(result.escalated()).isTrue();
        assertThat(result.earlierFailures()).containsExactly(first);
        assertThat(telemetry.count("giveUp")).isOne();
        assertThat(telemetry.count("escalation")).isOne();
        assertThat(telemetry.count("execution HANDLER_ERROR")).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void aNeverOnExceptionGivesUpAtOnceAndDoesNotEscalate(Way way) {
        SupervisorPolicy policy = retrying(3).withRetry(retrying(3).retry().withNeverOn(IOException.class));
        Result<Object> result = way.run(supervisor(policy), new Script().then(first));

        assertThat(hooks.texts()).containsExactly("onStart", "onFailure HANDLER_ERROR", "onGiveUp HANDLER_ERROR");
        assertThat(result.escalated()).isFalse();
        assertThat(result.attempts()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void aPanicIsNotRetriedWherePanicsEscalate(Way way) {
        AssertionError panic = new AssertionError();
        Result<Object> result = way.run(supervisor(retrying(3)), new Script().then(panic));

        assertThat(hooks.texts()).containsExactly("onStart", "onFailure PANIC", "onGiveUp PANIC", "onEscalate PANIC");
        assertThat(result.cause()).isSameAs(panic);
    }

    @ParameterizedTest
    @EnumSource
    void aDelayThatDoesNotFitIntoTheDeadlineEndsNowWithTheLastFailureItself(Way way) {
        SupervisorPolicy policy = retrying(3).withDeadline(DeadlinePolicy.of(Duration.ofMillis(1_500)));
        Script script = new Script().then(first).then(second).then("never");
        Result<Object> result = way.run(supervisor(policy), script);

        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(result.cause()).isSameAs(second);
        assertThat(result.escalated()).isTrue();
        assertThat(script.calls).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aDelayThatFillsTheDeadlineDoesNotFit(Way way) {
        SupervisorPolicy policy = retrying(3).withDeadline(DeadlinePolicy.of(SECOND));
        Script script = new Script().then(first);
        assertThat(way.run(supervisor(policy), script).cause()).isSameAs(first);
        assertThat(script.calls).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheLastEightEarlierFailuresOldestFirst(Way way) {
        Script script = new Script();
        List<Throwable> failures = new ArrayList<>();
        for (int attempt = 1; attempt <= 12; attempt++) {
            failures.add(new IOException("attempt " + attempt));
            script.then(failures.get(attempt - 1));
        }
        Result<Object> result = way.run(supervisor(retrying(12)), script);
        assertThat(result.cause()).isSameAs(failures.get(11));
        assertThat(result.earlierFailures()).isEqualTo(failures.subList(3, 11));
    }

    private static final class Hinting extends IOException implements RetryAfter {
        private static final long serialVersionUID = 1L;
        private final transient Duration hint;

        Hinting(Duration hint) {
            this.hint = hint;
        }

        @Override
        public Duration retryAfter() {
            return hint;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHintLongerThanTheBackoffIsWaitedForEvenAboveItsMaximum(Way way) {
        way.run(
                supervisor(retrying(2)),
                new Script().then(new Hinting(SECOND.multipliedBy(30))).then("value"));
        assertThat(hooks.texts()).contains("onRetry 2 PT30S");
    }

    @ParameterizedTest
    @EnumSource
    void aShorterHintChangesNothing(Way way) {
        way.run(
                supervisor(retrying(2)),
                new Script().then(new Hinting(Duration.ofMillis(1))).then("value"));
        assertThat(hooks.texts()).contains("onRetry 2 PT1S");
    }

    @ParameterizedTest
    @EnumSource
    void aHintBeyondAMinuteEndsTheRetriesWhereThereIsNoDeadline(Way way) {
        Hinting hint = new Hinting(SECOND.multipliedBy(61));
        Result<Object> result =
                way.run(supervisor(retrying(2)), new Script().then(hint).then("never"));
        assertThat(result.cause()).isSameAs(hint);
        assertThat(result.attempts()).isOne();
        assertThat(result.escalated()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void withADeadlineALongHintThatFitsIsFollowedAndOneThatDoesNotEndsTheRetries(Way way) {
        SupervisorPolicy patient = retrying(2).withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(90)));
        way.run(
                supervisor(patient),
                new Script().then(new Hinting(SECOND.multipliedBy(61))).then("value"));
        assertThat(hooks.texts()).contains("onRetry 2 PT1M1S");

        Result<Object> result = way.run(supervisor(patient), new Script().then(new Hinting(SECOND.multipliedBy(90))));
        assertThat(result.attempts()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void othersMayKnowTheHintOfAThrowableAmongTheCauses(Way way) {
        Supervisor.Builder builder = supervisor(retrying(2))
                .addDelayHint(thrown -> thrown == first ? Optional.of(SECOND.multipliedBy(7)) : Optional.empty());
        way.run(builder, new Script().then(new IllegalStateException(first)).then("value"));
        assertThat(hooks.texts()).contains("onRetry 2 PT7S");
    }

    @ParameterizedTest
    @EnumSource
    void jitterTakesAwayAtMostItsShareOfTheDelay(Way way) {
        SupervisorPolicy policy =
                retrying(200).withRetry(retrying(200).retry().withJitter(0.5).withBackoff(Duration.ofMillis(100)));
        List<Duration> delays = new ArrayList<>();
        Supervisor.Builder builder = supervisor(policy).addHooks(new Hooks() {
            @Override
            public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
                delays.add(delay);
            }
        });
        way.run(builder, new Script().then(first));
        assertThat(delays)
                .hasSize(199)
                .allSatisfy(delay -> assertThat(delay).isBetween(Duration.ofMillis(50), Duration.ofMillis(100)));
        assertThat(delays.stream().distinct().count()).isGreaterThan(100);
    }

    @Nested
    class Restarts {

        private SupervisorPolicy restarting(RestartPolicy restart) {
            return retrying(1)
                    .withRestart(restart)
                    .withBackoff(BackoffPolicy.exponential(SECOND, 2, Duration.ofSeconds(60)))
                    .withIntensity(RestartIntensity.of(2, Duration.ofMinutes(1)));
        }

        @ParameterizedTest
        @EnumSource
        void aRestartBeginsANewIncarnationWithAFreshCountOfAttempts(Way way) {
            SupervisorPolicy policy =
                    restarting(RestartPolicy.ON_FAILURE).withRetry(retrying(2).retry());
            Result<Object> result = way.run(
                    supervisor(policy),
                    new Script().then(first).then(second).then(third).then("value"));

            assertThat(hooks.texts())
                    .containsExactly("onStart", "onRetry 2 PT1S", "onRestart 1", "onRetry 2 PT1S", "onSuccess");
            assertThat(hooks.heard().get(2).cause()).isSameAs(second);
            assertThat(result.attempts()).isEqualTo(4);
            assertThat(result.restarts()).isOne();
            assertThat(result.earlierFailures()).containsExactly(first, second, third);
            assertThat(telemetry.count("restart")).isOne();
        }

        @ParameterizedTest
        @EnumSource
        void oneRestartMoreThanTheIntensityAllowsGivesUp(Way way) {
            Result<Object> result = way.run(supervisor(restarting(RestartPolicy.ON_FAILURE)), new Script().then(first));

            assertThat(hooks.texts())
                    .containsExactly(
                            "onStart",
                            "onRestart 1",
                            "onRestart 2",
                            "onFailure HANDLER_ERROR",
                            "onGiveUp HANDLER_ERROR",
                            "onEscalate HANDLER_ERROR");
            assertThat(result.restarts()).isEqualTo(2);
        }

        @ParameterizedTest
        @EnumSource
        void restartsOutsideThePeriodDoNotCount(Way way) {
            SupervisorPolicy policy =
                    restarting(RestartPolicy.ON_FAILURE).withIntensity(RestartIntensity.of(1, Duration.ofMillis(1)));
            Script script = new Script();
            for (int failure = 0; failure < 5; failure++) {
                script.then(first);
            }
            assertThat(way.run(supervisor(policy), script.then("value")).restarts())
                    .isEqualTo(5);
        }

        @ParameterizedTest
        @EnumSource
        void theBackoffGrowsWithEachRestartUntilAnIncarnationWasHealthy(Way way) {
            SupervisorPolicy policy =
                    restarting(RestartPolicy.ON_FAILURE).withIntensity(RestartIntensity.of(9, Duration.ofSeconds(20)));
            Script script = new Script()
                    .then(first)
                    .then(first)
                    .takes(Duration.ofSeconds(21))
                    .then(first)
                    .then("value");
            Result<Object> result = way.run(supervisor(policy), script);

            // 1 s, 2 s, then 21 s of health, then 1 s again.
            assertThat(result.restarts()).isEqualTo(3);
            assertThat(result.duration()).isBetween(Duration.ofSeconds(25), Duration.ofMillis(25_400));
        }

        @ParameterizedTest
        @EnumSource
        void aCleanEndUnderAlwaysPaysIntensityAndEndsWithTheLastValue(Way way) {
            Result<Object> result = way.run(
                    supervisor(restarting(RestartPolicy.ALWAYS)),
                    new Script().then("one").then("two").then("three").then("never"));

            assertThat(result.value()).isEqualTo("three");
            assertThat(hooks.texts()).containsExactly("onStart", "onRestart 1", "onRestart 2", "onSuccess");
            assertThat(hooks.heard().get(1).cause()).isNull();
        }
    }

    @Nested
    class HooksThatThrow {

        static List<Throwable> sorts() {
            return Throwables.ofEverySort().toList();
        }

        @ParameterizedTest
        @MethodSource("sorts")
        void changeNothingAreCountedAndDoNotKeepOthersFromRunning(Throwable thrown) {
            for (Way way : Way.values()) {
                RecordingHooks after = new RecordingHooks();
                RecordingTelemetry counting = new RecordingTelemetry();
                Supervisor.Builder builder = supervisor(retrying(2))
                        .hooks(hooks.then(call -> {
                            throw Throwables.<RuntimeException>sneak(thrown);
                        }))
                        .addHooks(after)
                        .telemetry(counting);
                Result<Object> result =
                        way.run(builder, new Script().then(first).then(second));

                assertThat(result.cause()).isSameAs(second);
                assertThat(after.names()).containsExactly("onStart", "onRetry", "onFailure", "onGiveUp", "onEscalate");
                assertThat(counting.count("hookError")).isEqualTo(5);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void insideAHookTheContextIsThatOfTheExecution(Way way) {
        way.run(supervisor(retrying(2)), new Script().then(first).then("value"));

        assertThat(hooks.heard()).allSatisfy(call -> {
            assertThat(call.context()).isNotSameAs(ExecutionContext.background());
            assertThat(call.context().attempt()).isZero();
        });
        assertThat(hooks.heard().stream().map(RecordingHooks.Heard::context).distinct())
                .hasSize(1);
        assertThat(ExecutionContext.current()).isSameAs(ExecutionContext.background());
    }

    @ParameterizedTest
    @EnumSource
    void cancellingInAHookEndsTheExecution(Way way) {
        hooks.then(call -> {
            if (call.hook().equals("onRetry")) {
                call.context().cancel();
            }
        });
        Result<Object> result =
                way.run(supervisor(retrying(3)), new Script().then(first).then("never"));

        assertThat(result.failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(result.attempts()).isOne();
        assertThat(hooks.names()).containsExactly("onStart", "onRetry", "onFailure");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aDrainBetweenAttemptsEndsWithShutdownAndTheLastFailureAsItsCause(Way way) {
        Supervisor[] draining = new Supervisor[1];
        hooks.then(call -> {
            if (call.hook().equals("onStart")) {
                draining[0].drain();
            }
        });
        ManualTime time = ManualTime.selfAdvancing();
        Supervisor supervisor =
                supervisor(retrying(3)).time(time).executor(Runnable::run).build();
        draining[0] = supervisor;
        Result<Object> result = way == Way.BLOCKING
                ? supervisor.run(context -> {
                    throw first;
                })
                : supervisor
                        .runAsync(context -> CompletableFuture.failedFuture(first))
                        .getNow(null);

        assertThat(result.failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(result.cause())
                .isInstanceOf(SupervisorShutdownException.class)
                .hasCause(first);
        assertThat(hooks.names()).containsExactly("onStart", "onFailure");
    }

    @Test
    void whileDrainingANewExecutionGetsOneAttemptAndAfterResumingAllOfThem() {
        Supervisor supervisor =
                supervisor(retrying(3)).time(ManualTime.selfAdvancing()).build();
        AtomicInteger calls = new AtomicInteger();
        Task<Object> failing = context -> {
            calls.incrementAndGet();
            throw first;
        };
        supervisor.drain();
        assertThat(supervisor.<Object>run(context -> "value").value()).isEqualTo("value");
        assertThat(supervisor.run(failing).failure()).isEqualTo(FailureKind.SHUTDOWN);
        assertThat(calls).hasValue(1);

        supervisor.resume();
        assertThat(supervisor.run(failing).failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(calls).hasValue(4);
    }

    @Test
    void anExecutionThatIsRefusedStartsNothingAndTellsOfItsFailure() {
        Supervisor limited = supervisor(retrying(3).withAdmission(AdmissionPolicy.of(1)))
                .time(ManualTime.selfAdvancing())
                .build();
        limited.run(outer -> {
            RecordingHooks.Heard started = hooks.last();
            assertThat(started.hook()).isEqualTo("onStart");
            return limited.run(inner -> "never");
        });
        assertThat(hooks.texts()).containsExactly("onStart", "onFailure REJECTED", "onGiveUp REJECTED", "onSuccess");
        assertThat(telemetry.count("rejection")).isOne();

        limited.close();
        limited.run(context -> "never");
        assertThat(hooks.texts()).endsWith("onFailure SHUTDOWN");
    }

    @Test
    void theParentHearsAndDecidesByItsOwnPolicyWhetherItsOwnParentDoes() {
        RecordingHooks ofParent = new RecordingHooks();
        RecordingHooks ofGrandParent = new RecordingHooks();
        ManualTime time = ManualTime.selfAdvancing();
        Supervisor grandParent = Supervisor.builder("grand parent")
                .hooks(ofGrandParent)
                .time(time)
                .build();
        Supervisor silent = Supervisor.builder("silent")
                .hooks(ofParent)
                .time(time)
                .parent(grandParent)
                .policy(SupervisorPolicy.defaults().withEscalation(EscalationPolicy.of(false, false)))
                .build();
        Supervisor telling = Supervisor.builder("telling")
                .hooks(ofParent)
                .time(time)
                .parent(grandParent)
                .build();

        Supervisor child = supervisor(retrying(1)).parent(silent).time(time).build();
        Result<Object> result = child.run(context -> {
            throw first;
        });
        assertThat(ofParent.texts()).containsExactly("onEscalate HANDLER_ERROR");
        assertThat(ofParent.last().result()).isSameAs(result);
        assertThat(ofParent.last().execution()).isSameAs(hooks.last().execution());
        assertThat(ofGrandParent.texts()).isEmpty();

        supervisor(retrying(1)).parent(telling).time(time).build().run(context -> {
            throw first;
        });
        assertThat(ofGrandParent.texts()).containsExactly("onEscalate HANDLER_ERROR");
    }

    @Test
    void anAttemptThatHasCommittedIsNotRepeated() {
        for (Supervisor.Builder builder :
                List.of(supervisor(retrying(3)), supervisor(retrying(3).withRestart(RestartPolicy.ON_FAILURE)))) {
            AtomicInteger calls = new AtomicInteger();
            Result<Object> result = builder.time(ManualTime.selfAdvancing())
                    .build()
                    .run(context -> {
                        calls.incrementAndGet();
                        context.commit();
                        throw first;
                    });
            assertThat(result.cause()).isSameAs(first);
            assertThat(calls).hasValue(1);
        }
    }

    @Test
    void commitTakesTheAttemptTimeoutOffButNotTheDeadline() {
        ManualTime time = ManualTime.create();
        SupervisorPolicy policy = retrying(1)
                .withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(5)).withAttemptTimeout(SECOND));
        supervisor(policy).time(time).build().run(context -> {
            context.commit();
            time.advance(SECOND.multipliedBy(2));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(context.isCancelled()).isFalse();
            assertThat(context.remaining()).contains(SECOND.multipliedBy(3));
            time.advance(SECOND.multipliedBy(3));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(context.isCancelled()).isTrue();
            return "late";
        });
    }
}
