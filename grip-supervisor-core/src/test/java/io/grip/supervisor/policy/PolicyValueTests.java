package io.grip.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.FailureKind;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values are checked when built, and a bad one names field, value and range; the defaults are those promised. */
class PolicyValueTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration NEGATIVE = Duration.ofNanos(-1);

    static Stream<Arguments> badValues() {
        return Stream.of(
                bad(() -> RetryPolicy.of(0), "max-attempts", "at least 1", "0"),
                bad(() -> RetryPolicy.of(3).withJitter(1.1), "jitter", "between 0.0 and 1.0", "1.1"),
                bad(() -> RetryPolicy.of(3).withJitter(-0.1), "jitter", "between 0.0 and 1.0", "-0.1"),
                bad(() -> RetryPolicy.of(3).withJitter(Double.NaN), "jitter", "between 0.0 and 1.0", "NaN"),
                bad(() -> RetryPolicy.of(3).withBackoff(NEGATIVE), "backoff delay", "zero or more", "PT-0.000000001S"),
                bad(() -> BackoffPolicy.linear(NEGATIVE, SECOND), "backoff step", "zero or more", "PT-0.000000001S"),
                bad(() -> BackoffPolicy.linear(SECOND, Duration.ZERO), "backoff step", "backoff max", "PT1S"),
                bad(() -> BackoffPolicy.exponential(NEGATIVE, 2, SECOND), "backoff initial", "zero or more", "PT-0"),
                bad(() -> BackoffPolicy.exponential(SECOND, 0.9, SECOND), "backoff multiplier", "1.0", "0.9"),
                bad(() -> BackoffPolicy.exponential(SECOND, Double.NaN, SECOND), "backoff multiplier", "1.0", "NaN"),
                bad(
                        () -> BackoffPolicy.exponential(SECOND, Double.POSITIVE_INFINITY, SECOND),
                        "backoff multiplier",
                        "between",
                        "Infinity"),
                bad(
                        () -> BackoffPolicy.exponential(SECOND.multipliedBy(2), 2, SECOND),
                        "backoff initial",
                        "not be above backoff max",
                        "PT2S"),
                bad(() -> DeadlinePolicy.of(Duration.ZERO), "timeout", "more than zero", "PT0S"),
                bad(() -> DeadlinePolicy.none().withAttemptTimeout(NEGATIVE), "attempt-timeout", "more than zero", "-"),
                bad(() -> AdmissionPolicy.of(0), "max-concurrency", "at least 1", "0"),
                bad(() -> AdmissionPolicy.of(1).withMaxWait(NEGATIVE), "max-wait", "zero or more", "PT-0"),
                bad(() -> RestartIntensity.of(-1, SECOND), "max-restarts", "at least 0", "-1"),
                bad(() -> RestartIntensity.of(1, Duration.ZERO), "period", "more than zero", "PT0S"),
                bad(() -> RetryBudget.of(1.1), "share", "between 0.0 and 1.0", "1.1"),
                bad(() -> RetryBudget.of(Double.NaN), "share", "between 0.0 and 1.0", "NaN"),
                bad(() -> RetryBudget.of(0.2).withFloor(-1), "floor", "at least 0", "-1"),
                bad(() -> RetryBudget.none().withRecent(-1), "recent", "at least 0", "-1"),
                bad(() -> BackoffPolicy.none().delay(0), "retry", "at least 1", "0"),
                bad(() -> BackoffPolicy.linear(SECOND, SECOND).delay(-1), "retry", "at least 1", "-1"),
                bad(() -> BackoffPolicy.exponential(SECOND, 2, SECOND).delay(0), "retry", "at least 1", "0"));
    }

    private static Arguments bad(ThrowingCallable build, String field, String range, String value) {
        return Arguments.of(field + " = " + value, build, field, range, value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badValues")
    void aBadValueNamesFieldValueAndRange(
            String name, ThrowingCallable build, String field, String range, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(build)
                .withMessageContaining(field)
                .withMessageContaining(range)
                .withMessageContaining(value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("missingParts")
    void aMissingPartIsNamed(String field, ThrowingCallable build) {
        assertThatThrownBy(build)
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage(field + " must not be null");
    }

    static Stream<Arguments> missingParts() {
        RetryPolicy retry = RetryPolicy.of(2);
        SupervisorPolicy policy = SupervisorPolicy.defaults();
        return Stream.of(
                missing("max-attempts", () -> retry.withMaxAttempts(null)),
                missing("backoff", () -> retry.withBackoff((BackoffPolicy) null)),
                missing("backoff delay", () -> retry.withBackoff((Duration) null)),
                missing("throwables", () -> new RetryPolicy(retry.maxAttempts(), retry.backoff(), 0, null)),
                missing("backoff initial", () -> BackoffPolicy.exponential(null, 2, Duration.ZERO)),
                missing("backoff max", () -> BackoffPolicy.exponential(Duration.ZERO, 2, null)),
                missing("backoff step", () -> BackoffPolicy.linear(null, Duration.ZERO)),
                missing("backoff max", () -> BackoffPolicy.linear(Duration.ZERO, null)),
                missing("timeout", () -> new DeadlinePolicy(null, Optional.empty())),
                missing("attempt-timeout", () -> new DeadlinePolicy(Optional.empty(), null)),
                missing("max-concurrency", () -> new AdmissionPolicy(null, Duration.ZERO)),
                missing("max-wait", () -> new AdmissionPolicy(OptionalInt.empty(), null)),
                missing("period", () -> RestartIntensity.of(1, null)),
                missing("retry", () -> policy.withRetry(null)),
                missing("backoff", () -> policy.withBackoff(null)),
                missing("deadline", () -> policy.withDeadline(null)),
                missing("admission", () -> policy.withAdmission(null)),
                missing("restart", () -> policy.withRestart(null)),
                missing("intensity", () -> policy.withIntensity(null)),
                missing("escalation", () -> policy.withEscalation(null)));
    }

    private static Arguments missing(String field, ThrowingCallable build) {
        return Arguments.of(field, build);
    }

    @Test
    void theDefaultsAreThosePromised() {
        SupervisorPolicy defaults = SupervisorPolicy.defaults();
        assertThat(defaults.shouldRetry(FailureKind.HANDLER_ERROR, 2)).isTrue();
        assertThat(defaults.shouldRetry(FailureKind.HANDLER_ERROR, 3)).isFalse();
        assertThat(defaults.retry().backoff())
                .isEqualTo(new ExponentialBackoff(Duration.ofMillis(100), 2, Duration.ofSeconds(10)));
        assertThat(defaults.retry().jitter()).isEqualTo(0.5);
        assertThat(defaults.retry().isRetryable(new Error())).isTrue();
        assertThat(defaults.backoff())
                .isEqualTo(new ExponentialBackoff(Duration.ofMillis(200), 2, Duration.ofSeconds(30)));
        assertThat(defaults.deadline()).isEqualTo(DeadlinePolicy.none());
        assertThat(defaults.admission()).isEqualTo(AdmissionPolicy.unlimited());
        assertThat(defaults.restart()).isEqualTo(RestartPolicy.NEVER);
        assertThat(defaults.intensity()).isEqualTo(RestartIntensity.of(3, Duration.ofSeconds(5)));
        assertThat(defaults.escalation()).isEqualTo(EscalationPolicy.of(true, true));
    }

    @Test
    void theSeedsZeroValueDoesNothingBeyondOneAttempt() {
        SupervisorPolicy none = SupervisorPolicy.none();
        for (FailureKind kind : FailureKind.values()) {
            assertThat(none.shouldRetry(kind, 1)).isFalse();
            assertThat(none.shouldRestart(kind)).isFalse();
            assertThat(none.shouldEscalate(kind, true)).isFalse();
        }
        assertThat(none.retry().backoff().delay(1)).isZero();
        assertThat(none.backoff().delay(1)).isZero();
    }

    @Test
    void anUnlimitedNumberOfAttemptsIsAValueAndNotANumber() {
        assertThatIllegalStateException().isThrownBy(() -> Attempts.unlimited().max());
        assertThat(Attempts.unlimited()).hasToString("unlimited");
        assertThat(Attempts.atMost(2)).isEqualTo(Attempts.atMost(2)).hasSameHashCodeAs(Attempts.atMost(2));
    }

    @Test
    void withersChangeOneValueAndLeaveTheOriginalAlone() {
        SupervisorPolicy defaults = SupervisorPolicy.defaults();
        SupervisorPolicy changed = defaults.withAdmission(AdmissionPolicy.of(2).withMaxWait(SECOND))
                .withBackoff(BackoffPolicy.none())
                .withDeadline(DeadlinePolicy.of(SECOND).withAttemptTimeout(SECOND))
                .withIntensity(RestartIntensity.of(1, SECOND))
                .withRestart(RestartPolicy.ALWAYS);
        assertThat(changed.admission().maxConcurrency()).hasValue(2);
        assertThat(changed.admission().maxWait()).isEqualTo(SECOND);
        assertThat(changed.retry()).isEqualTo(defaults.retry());
        assertThat(defaults.admission().maxConcurrency()).isEmpty();
        assertThat(defaults.restart()).isEqualTo(RestartPolicy.NEVER);
    }
}
