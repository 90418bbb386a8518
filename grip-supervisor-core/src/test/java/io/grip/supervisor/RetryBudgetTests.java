package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promises about what all executions of a supervisor may retry together. */
class RetryBudgetTests {

    private static final IOException DOWN = new IOException("down");
    private static final SupervisorPolicy EAGER =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(BackoffPolicy.none()));

    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final RecordingHooks hooks = new RecordingHooks();

    /** The ways into an execution, of which each counts as one call. */
    enum Way {
        CALL {
            @Override
            void go(Supervisor supervisor, boolean well) {
                try {
                    supervisor.call(context -> outcome(well));
                } catch (Exception expected) {
                    assertThat(expected).isSameAs(DOWN);
                }
            }
        },
        RUN {
            @Override
            void go(Supervisor supervisor, boolean well) {
                supervisor.run(context -> outcome(well));
            }
        },
        RUN_ASYNC {
            @Override
            void go(Supervisor supervisor, boolean well) {
                supervisor.runAsync(context -> CompletableFuture.completedFuture(outcome(well)));
            }
        };

        abstract void go(Supervisor supervisor, boolean well);

        static String outcome(boolean well) throws IOException {
            if (well) {
                return "well";
            }
            throw DOWN;
        }
    }

    private Supervisor.Builder builder(RetryBudget budget) {
        return Supervisor.builder("thrifty")
                .time(ManualTime.selfAdvancing())
                .executor(Runnable::run)
                .telemetry(telemetry)
                .policy(EAGER.withRetryBudget(budget));
    }

    private Supervisor supervisor(RetryBudget budget) {
        return builder(budget).build();
    }

    private static void repeat(int times, Runnable action) {
        for (int time = 0; time < times; time++) {
            action.run();
        }
    }

    @ParameterizedTest
    @EnumSource
    void retriesUntilTheFloorIsSpentThenWithItsShare(Way way) {
        Supervisor supervisor = supervisor(RetryBudget.of(0.5).withFloor(4).withRecent(0));

        way.go(supervisor, false);
        assertThat(telemetry.count("retry")).isEqualTo(2);
        repeat(99, () -> way.go(supervisor, false));

        assertThat(telemetry.count("retry"))
                .as("4 and half of what 100 calls have earned, but the last")
                .isBetween(53, 54);
        assertThat(telemetry.count("attempt FAILURE")).isEqualTo(100 + telemetry.count("retry"));
        assertThat(telemetry.count("retryRefused")).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void callsThatGoWellEarnUpToWhatRecentOnesMayHaveEarned(Way way) {
        Supervisor supervisor = supervisor(RetryBudget.of(0.1).withFloor(0).withRecent(50));
        assertThat(supervisor.retriesLeft()).hasValue(0);

        repeat(29, () -> way.go(supervisor, true));
        assertThat(supervisor.retriesLeft()).hasValue(2);
        way.go(supervisor, true);
        assertThat(supervisor.retriesLeft()).hasValue(3);

        repeat(1000, () -> way.go(supervisor, true));
        assertThat(supervisor.retriesLeft()).hasValue(5);
    }

    @ParameterizedTest
    @EnumSource
    void callsWhoseFailureIsNotWorthARetryEarnAsMuchThoughNobodyHearsOfThem(Way way) {
        Supervisor supervisor = Supervisor.builder("thrifty")
                .time(ManualTime.selfAdvancing())
                .executor(Runnable::run)
                .policy(EAGER.withRetry(EAGER.retry().withNeverOn(IOException.class))
                        .withRetryBudget(RetryBudget.of(0.1).withFloor(0).withRecent(50)))
                .build();

        repeat(30, () -> way.go(supervisor, false));

        assertThat(supervisor.retriesLeft()).hasValue(3);
    }

    @Test
    void whatIsRefusedEndsWithTheFailureItselfAsIfAttemptsHadRunOut() {
        Supervisor supervisor =
                builder(RetryBudget.of(0).withFloor(1)).hooks(hooks).build();

        Result<String> result = supervisor.run(context -> {
            throw DOWN;
        });

        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(result.cause()).isSameAs(DOWN);
        assertThat(result.attempts()).isEqualTo(2);
        assertThat(result.escalated()).isTrue();
        assertThat(hooks.names()).containsExactly("onStart", "onRetry", "onFailure", "onGiveUp", "onEscalate");
        assertThat(telemetry.count("retryRefused")).isOne();
    }

    @Test
    void whatIsRefusedDoesNotEscalateWhereExhaustedRetriesDoNot() {
        Supervisor supervisor = builder(RetryBudget.of(0).withFloor(0))
                .policy(EAGER.withEscalation(EscalationPolicy.of(true, false))
                        .withRetryBudget(RetryBudget.of(0).withFloor(0)))
                .build();

        assertThat(supervisor
                        .run(context -> {
                            throw DOWN;
                        })
                        .escalated())
                .isFalse();
    }

    @Test
    void aRefusedRetryIsNotMadeAsARestartInstead() {
        Supervisor supervisor = builder(RetryBudget.of(0).withFloor(0))
                .policy(EAGER.withRestart(RestartPolicy.ON_FAILURE)
                        .withRetryBudget(RetryBudget.of(0).withFloor(0)))
                .build();

        Result<String> result = supervisor.run(context -> {
            throw DOWN;
        });

        assertThat(result.attempts()).isOne();
        assertThat(result.restarts()).isZero();
    }

    @Test
    void aRetryThatWouldNotBeMadeAnywaySpendsNothing() {
        Supervisor supervisor = builder(RetryBudget.of(0).withFloor(7))
                .policy(EAGER.withRetry(EAGER.retry().withNeverOn(IOException.class))
                        .withRetryBudget(RetryBudget.of(0).withFloor(7)))
                .build();

        supervisor.run(context -> {
            throw DOWN;
        });

        assertThat(supervisor.retriesLeft()).hasValue(7);
    }

    @Test
    void executionsThatAreRefusedEarnNothing() {
        Supervisor supervisor = supervisor(RetryBudget.of(1).withFloor(0));
        supervisor.close();

        supervisor.run(context -> "never");

        assertThat(supervisor.retriesLeft()).hasValue(0);
    }

    @Test
    void thereIsNoneByDefault() {
        Supervisor supervisor = supervisor(SupervisorPolicy.defaults().retryBudget());

        repeat(
                1000,
                () -> supervisor.run(context -> {
                    throw DOWN;
                }));

        assertThat(supervisor.retriesLeft()).isEqualTo(OptionalInt.empty());
        assertThat(telemetry.count("retry")).isEqualTo(2000);
    }

    @Test
    void aChangeKeepsWhatIsLeftAndAHigherFloorIsThereAtOnce() {
        Supervisor supervisor = supervisor(RetryBudget.of(0.5).withFloor(4).withRecent(0));
        Way.RUN.go(supervisor, false);
        assertThat(supervisor.retriesLeft()).hasValue(2);

        supervisor.update(EAGER.withRetryBudget(RetryBudget.of(0.1).withFloor(10)));
        assertThat(supervisor.retriesLeft()).hasValue(8);

        supervisor.update(EAGER.withRetryBudget(RetryBudget.of(0.1).withFloor(1).withRecent(0)));
        assertThat(supervisor.retriesLeft()).hasValue(1);

        supervisor.update(EAGER);
        assertThat(supervisor.retriesLeft()).isEmpty();
    }

    @Test
    void anExecutionUnderWayHasTheBudgetItBeganWith() {
        Supervisor supervisor = supervisor(RetryBudget.none());
        AtomicInteger attempts = new AtomicInteger();

        supervisor.run(context -> {
            attempts.incrementAndGet();
            supervisor.update(EAGER.withRetryBudget(RetryBudget.of(0).withFloor(0)));
            throw DOWN;
        });

        assertThat(attempts).hasValue(3);
    }
}
