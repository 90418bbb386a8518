package io.grip.supervisor.policy;

import static io.grip.supervisor.execution.FailureKind.CONTEXT_CANCELLED;
import static io.grip.supervisor.execution.FailureKind.HANDLER_ERROR;
import static io.grip.supervisor.execution.FailureKind.NONE;
import static io.grip.supervisor.execution.FailureKind.PANIC;
import static io.grip.supervisor.execution.FailureKind.REJECTED;
import static io.grip.supervisor.execution.FailureKind.SHUTDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.FailureKind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The decision table, row by row: which kind is retried, restarted, escalated under which policy. */
class PolicyDecisionTests {

    private static final SupervisorPolicy THREE_ATTEMPTS = SupervisorPolicy.defaults();

    private static SupervisorPolicy escalating(boolean onPanic, boolean onRetryExhausted) {
        return THREE_ATTEMPTS.withEscalation(EscalationPolicy.of(onPanic, onRetryExhausted));
    }

    static Stream<Arguments> retries() {
        return Stream.of(
                Arguments.of(NONE, false, false),
                Arguments.of(HANDLER_ERROR, true, true),
                Arguments.of(PANIC, false, true),
                Arguments.of(CONTEXT_CANCELLED, false, false),
                Arguments.of(SHUTDOWN, false, false),
                Arguments.of(REJECTED, false, false));
    }

    @ParameterizedTest(name = "{0}: {1} where panics escalate, else {2}")
    @MethodSource("retries")
    void retriesErrorsAndPanicsThatDoNotEscalateWhileAttemptsAreLeft(
            FailureKind kind, boolean whenPanicsEscalate, boolean whenTheyDoNot) {
        assertThat(escalating(true, true).shouldRetry(kind, 1)).isEqualTo(whenPanicsEscalate);
        assertThat(escalating(true, true).shouldRetry(kind, 2)).isEqualTo(whenPanicsEscalate);
        assertThat(escalating(false, true).shouldRetry(kind, 2)).isEqualTo(whenTheyDoNot);
        assertThat(escalating(false, true).shouldRetry(kind, 3)).isFalse();
        assertThat(escalating(false, true).shouldRetry(kind, 4)).isFalse();
    }

    @Test
    void retriesForEverWhereAttemptsAreUnlimited() {
        SupervisorPolicy unlimited = THREE_ATTEMPTS.withRetry(RetryPolicy.unlimited());
        assertThat(unlimited.shouldRetry(HANDLER_ERROR, Integer.MAX_VALUE)).isTrue();
        assertThat(unlimited.shouldRetry(SHUTDOWN, 1)).isFalse();
    }

    @Test
    void countsALimitOfTheLargestIntAsALimit() {
        SupervisorPolicy many = THREE_ATTEMPTS.withRetry(RetryPolicy.of(Integer.MAX_VALUE));
        assertThat(many.shouldRetry(HANDLER_ERROR, Integer.MAX_VALUE)).isFalse();
        assertThat(Attempts.atMost(Integer.MAX_VALUE)).isNotEqualTo(Attempts.unlimited());
    }

    static Stream<Arguments> restarts() {
        return Stream.of(
                Arguments.of(NONE, false, true),
                Arguments.of(HANDLER_ERROR, true, true),
                Arguments.of(PANIC, true, true),
                Arguments.of(CONTEXT_CANCELLED, false, false),
                Arguments.of(SHUTDOWN, false, false),
                Arguments.of(REJECTED, false, false));
    }

    @ParameterizedTest(name = "{0}: ON_FAILURE {1}, ALWAYS {2}")
    @MethodSource("restarts")
    void restartsByThePolicy(FailureKind kind, boolean onFailure, boolean always) {
        assertThat(THREE_ATTEMPTS.withRestart(RestartPolicy.NEVER).shouldRestart(kind))
                .isFalse();
        assertThat(THREE_ATTEMPTS.withRestart(RestartPolicy.ON_FAILURE).shouldRestart(kind))
                .isEqualTo(onFailure);
        assertThat(THREE_ATTEMPTS.withRestart(RestartPolicy.ALWAYS).shouldRestart(kind))
                .isEqualTo(always);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"NONE", "CONTEXT_CANCELLED", "SHUTDOWN", "REJECTED"})
    void neverEscalatesWhatIsNoFailureOfTheTask(FailureKind kind) {
        assertThat(escalating(true, true).shouldEscalate(kind, true)).isFalse();
        assertThat(escalating(true, true).shouldEscalate(kind, false)).isFalse();
    }

    @Test
    void escalatesAnErrorWhoseRetriesAreExhaustedIfAskedTo() {
        assertThat(escalating(false, true).shouldEscalate(HANDLER_ERROR, true)).isTrue();
        assertThat(escalating(true, true).shouldEscalate(HANDLER_ERROR, false)).isFalse();
        assertThat(escalating(true, false).shouldEscalate(HANDLER_ERROR, true)).isFalse();
    }

    @Test
    void escalatesAPanicIfAskedToElseLikeAnError() {
        assertThat(escalating(true, false).shouldEscalate(PANIC, false)).isTrue();
        assertThat(escalating(false, true).shouldEscalate(PANIC, true)).isTrue();
        assertThat(escalating(false, true).shouldEscalate(PANIC, false)).isFalse();
        assertThat(escalating(false, false).shouldEscalate(PANIC, true)).isFalse();
    }

    @Test
    void theSeedsNamesAreTheVeryObjects() {
        assertThat(FailureKind.SUCCESS).isSameAs(NONE);
        assertThat(FailureKind.ERR).isSameAs(HANDLER_ERROR);
        assertThat(FailureKind.CANCELLED).isSameAs(CONTEXT_CANCELLED);
        assertThat(FailureKind.DEADLINE).isSameAs(CONTEXT_CANCELLED);
        assertThat(FailureKind.values()).hasSize(6);
    }
}
