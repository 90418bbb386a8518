package io.grip.supervisor.engine;

import static io.grip.supervisor.execution.FailureKind.HANDLER_ERROR;
import static io.grip.supervisor.execution.FailureKind.PANIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows a finished attempt: retry, else restart, else the end, exhausted or not. */
class DecisionsTests {

    private static final long SECOND = 1_000_000_000;
    private static final Decision END = Decision.END;
    private static final Decision EXHAUSTED = Decision.END_EXHAUSTED;

    /** Three attempts, 1 s apart; restarts after 5 s. */
    private final SupervisorPolicy retrying = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(Duration.ofSeconds(1)).withJitter(0))
            .withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(5)));

    private final SupervisorPolicy restarting = retrying.withRestart(RestartPolicy.ON_FAILURE);

    private boolean repeatable = true;
    private boolean worthRetry = true;
    private Optional<Duration> hint = Optional.empty();
    private @Nullable Long room;
    private boolean shuttingDown;
    private boolean restartsAllowed = true;
    private int restarts;

    private Decision after(SupervisorPolicy policy, FailureKind kind, int attempt) {
        return Decisions.afterFailure(policy, kind, repeatable, worthRetry, hint, situation(attempt));
    }

    private Situation situation(int attempt) {
        return new Situation(attempt, room, shuttingDown, restartsAllowed, restarts, 0.999);
    }

    @Test
    void retriesWhileAttemptsAreLeftThenRestartsThenEnds() {
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(SECOND));
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(Decision.restart(5 * SECOND));
        assertThat(after(retrying, HANDLER_ERROR, 3)).isEqualTo(EXHAUSTED);
        restartsAllowed = false;
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(EXHAUSTED);
    }

    @Test
    void whatIsNotWorthARetryMayBeRestartedButIsNeverExhausted() {
        worthRetry = false;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(Decision.restart(5 * SECOND));
        assertThat(after(retrying, HANDLER_ERROR, 1)).isEqualTo(END);
        assertThat(after(retrying, HANDLER_ERROR, 3)).isEqualTo(END);
    }

    /** Exhausted is what was worth a retry and had run out of attempts, not what has forbidden its repetition itself. */
    @ParameterizedTest(name = "attempt {0} of 3, committed: exhausted {1}")
    @CsvSource({"1, false", "2, false", "3, true"})
    void whatHasCommittedIsExhaustedOnlyWhereAttemptsHadRunOutToo(int attempt, boolean exhausted) {
        repeatable = false;
        assertThat(after(restarting, HANDLER_ERROR, attempt)).isEqualTo(exhausted ? EXHAUSTED : END);
        assertThat(after(retrying, HANDLER_ERROR, attempt)).isEqualTo(exhausted ? EXHAUSTED : END);
    }

    @Test
    void aPanicIsRetriedOnlyWherePanicsDoNotEscalate() {
        SupervisorPolicy tolerant = retrying.withEscalation(EscalationPolicy.of(false, true));
        assertThat(after(tolerant, PANIC, 1)).isEqualTo(Decision.retry(SECOND));
        assertThat(after(tolerant, PANIC, 3)).isEqualTo(EXHAUSTED);
        assertThat(after(retrying, PANIC, 1)).isEqualTo(END);
        assertThat(after(restarting, PANIC, 1)).isEqualTo(Decision.restart(5 * SECOND));
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"CONTEXT_CANCELLED", "SHUTDOWN", "REJECTED"})
    void nothingFollowsWhatIsNoFailureOfTheTask(FailureKind kind) {
        assertThat(after(restarting.withRestart(RestartPolicy.ALWAYS), kind, 1)).isEqualTo(END);
        shuttingDown = true;
        assertThat(after(restarting, kind, 1)).isEqualTo(END);
    }

    @Test
    void aRetryNeedsMoreRoomThanItsDelay() {
        room = SECOND + 1;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(SECOND));
        room = SECOND;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(EXHAUSTED);
        room = -SECOND;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(EXHAUSTED);
    }

    @Test
    void aRestartNeedsMoreRoomThanItsDelay() {
        room = 5 * SECOND + 1;
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(Decision.restart(5 * SECOND));
        room = 5 * SECOND;
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(EXHAUSTED);
        worthRetry = false;
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(END);
    }

    @Test
    void theLongerOfBackoffAndHintIsWaited() {
        hint = Optional.of(Duration.ofMillis(999));
        assertThat(after(retrying, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(SECOND));
        hint = Optional.of(Duration.ofSeconds(60));
        assertThat(after(retrying, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(60 * SECOND));
    }

    @Test
    void aHintThatDoesNotFitEndsTheRetries() {
        hint = Optional.of(Duration.ofSeconds(60).plusNanos(1));
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(EXHAUSTED);
        room = 60 * SECOND + 2;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(60 * SECOND + 1));
        room = 60 * SECOND + 1;
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(EXHAUSTED);
        hint = Optional.of(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(after(restarting, HANDLER_ERROR, 1)).isEqualTo(EXHAUSTED);
    }

    @Test
    void whatWouldHaveGoneOnEndsByAShutdownAndNothingElseDoes() {
        shuttingDown = true;
        assertThat(after(retrying, HANDLER_ERROR, 1)).isEqualTo(Decision.END_BY_SHUTDOWN);
        assertThat(after(restarting, HANDLER_ERROR, 3)).isEqualTo(Decision.END_BY_SHUTDOWN);
        assertThat(after(retrying, HANDLER_ERROR, 3)).isEqualTo(EXHAUSTED);
        worthRetry = false;
        assertThat(after(retrying, HANDLER_ERROR, 1)).isEqualTo(END);
    }

    @Test
    void aSuccessIsFollowedByARestartWhereThePolicyAndTheIntensityAndTheDeadlineWantOne() {
        SupervisorPolicy always = retrying.withRestart(RestartPolicy.ALWAYS);
        assertThat(Decisions.afterSuccess(restarting, situation(1))).isEqualTo(END);
        assertThat(Decisions.afterSuccess(always, situation(1))).isEqualTo(Decision.restart(5 * SECOND));
        room = 5 * SECOND;
        assertThat(Decisions.afterSuccess(always, situation(1))).isEqualTo(END);
        room = null;
        shuttingDown = true;
        assertThat(Decisions.afterSuccess(always, situation(1))).isEqualTo(END);
        shuttingDown = false;
        restartsAllowed = false;
        assertThat(Decisions.afterSuccess(always, situation(1))).isEqualTo(END);
    }

    @Test
    void theRestartBackoffGoesByTheRestartsSinceTheLastHealthyIncarnation() {
        SupervisorPolicy growing =
                restarting.withBackoff(BackoffPolicy.linear(Duration.ofSeconds(1), Duration.ofSeconds(9)));
        for (restarts = 0; restarts < 4; restarts++) {
            assertThat(after(growing, HANDLER_ERROR, 3)).isEqualTo(Decision.restart((restarts + 1) * SECOND));
        }
    }

    @Test
    void theJitterOfTheRetriesIsThatOfTheRestartsToo() {
        SupervisorPolicy jittery = restarting.withRetry(restarting.retry().withJitter(1));
        long all = (long) (5 * SECOND * 0.999);
        assertThat(after(jittery, HANDLER_ERROR, 3)).isEqualTo(Decision.restart(5 * SECOND - all));
    }

    @Test
    void aBackoffOfTheUsersThatIsNegativeOrEndlessIsCut() {
        SupervisorPolicy negative = retrying.withRetry(
                retrying.retry().withBackoff((BackoffPolicy) retry -> Duration.ofSeconds(Long.MIN_VALUE)));
        assertThat(after(negative, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(0));
        SupervisorPolicy endless = retrying.withRetry(
                retrying.retry().withBackoff((BackoffPolicy) retry -> Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(after(endless, HANDLER_ERROR, 1)).isEqualTo(Decision.retry(Nanos.LONGEST));
    }

    /** In [d x (1 - jitter), d], for any delay; a failure names the seed. */
    @Test
    void jitterTakesAwayNoMoreThanItsShare() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 100_000; round++) {
            long delay = random.nextLong(1L << random.nextInt(1, 62));
            double jitter = round % 10 == 0 ? 1 : random.nextDouble();
            long jittered = Decisions.jittered(delay, jitter, random.nextDouble());
            // A double has 53 bits, so the shares of long delays are right to within as much.
            long slack = (delay >> 50) + 1;
            assertThat(jittered)
                    .as("seed %s: delay %s, jitter %s", seed, delay, jitter)
                    .isBetween(Math.max(0, (long) (delay * (1 - jitter)) - slack), delay);
        }
        assertThat(Decisions.jittered(SECOND, 0, 0.5)).isEqualTo(SECOND);
        assertThat(Decisions.jittered(SECOND, 1, 0)).isEqualTo(SECOND);
        assertThat(Decisions.jittered(Nanos.LONGEST, 1, Math.nextDown(1.0))).isNotNegative();
    }

    @Test
    void jitterIsUniform() {
        Random random = new Random(42);
        int[] buckets = new int[10];
        for (int draw = 0; draw < 100_000; draw++) {
            long jittered = Decisions.jittered(1_000_000, 0.5, random.nextDouble());
            buckets[(int) Math.min(9, (jittered - 500_000) / 50_000)]++;
        }
        assertThat(buckets).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(9_500, 10_500);
            }
        });
    }

    @Test
    void countsEndAtTheLargestNumberAndDoNotBeginAnew() {
        assertThat(Progress.next(1)).isEqualTo(2);
        assertThat(Progress.next(Integer.MAX_VALUE - 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Progress.next(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }
}
