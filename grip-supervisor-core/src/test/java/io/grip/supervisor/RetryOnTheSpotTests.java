package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that nobody listens to, whose retries follow without a wait: by the short way, and from there by the long one. */
class RetryOnTheSpotTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = ManualTime.selfAdvancing();
    private final IOException failure = new IOException("on the way");
    private final List<ExecutionContext> contexts = new ArrayList<>();

    @AfterEach
    void noInterruptIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private Supervisor supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("test").policy(policy).time(time).build();
    }

    private static SupervisorPolicy retrying(int attempts) {
        return SupervisorPolicy.defaults().withRetry(RetryPolicy.of(attempts).withBackoff(BackoffPolicy.none()));
    }

    @Test
    void everyAttemptThatWasFollowedByAnotherIsCancelledWhetherAnybodyAskedOrNot() throws Exception {
        List<Boolean> seen = new ArrayList<>();
        supervisor(retrying(3)).call(context -> {
            contexts.add(context);
            if (contexts.size() < 3) {
                throw failure;
            }
            contexts.forEach(each -> seen.add(each.isCancelled()));
            return "value";
        });

        assertThat(seen).containsExactly(true, true, false);
        assertThat(contexts).doesNotHaveDuplicates();
    }

    @Test
    void anAttemptWhoseFailureWasFinalIsCancelledForWhoeverHasAsked() {
        Supervisor supervisor = supervisor(retrying(2));
        assertThatThrownBy(() -> supervisor.call(context -> {
                    contexts.add(context);
                    context.attempt();
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> supervisor.call(context -> {
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(contexts).hasSize(2).allMatch(ExecutionContext::isCancelled);
    }

    @Test
    void attemptsAreNumbered() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        supervisor(retrying(4)).call(context -> {
            numbers.add(context.attempt());
            if (numbers.size() < 4) {
                throw failure;
            }
            return "value";
        });

        assertThat(numbers).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aCancelDuringALaterAttemptEndsTheExecution() {
        assertThatThrownBy(() -> supervisor(retrying(3)).call(context -> {
                    contexts.add(context);
                    if (contexts.size() == 2) {
                        context.cancel();
                    }
                    throw failure;
                }))
                .isInstanceOf(CancellationException.class)
                .hasCause(failure);
        assertThat(contexts).hasSize(2);
    }

    @Test
    void whatWasCommittedInALaterAttemptIsNotRepeated() {
        assertThatThrownBy(() -> supervisor(retrying(5)).call(context -> {
                    contexts.add(context);
                    if (contexts.size() == 2) {
                        context.commit();
                    }
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(contexts).hasSize(2);
    }

    @Test
    void theDeadlineEndsLaterAttempts() {
        Supervisor supervisor = supervisor(retrying(9).withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(3))));
        assertThatThrownBy(() -> supervisor.call(context -> {
                    contexts.add(context);
                    time.advance(SECOND);
                    throw failure;
                }))
                .isInstanceOf(DeadlineExceededException.class)
                .hasCause(failure);
        assertThat(contexts).hasSize(3);
    }

    @Test
    void eachAttemptHasItsOwnTimeout() throws Exception {
        Supervisor supervisor =
                supervisor(retrying(3).withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND.multipliedBy(2))));
        List<Duration> left = new ArrayList<>();
        supervisor.call(context -> {
            left.add(context.remaining().orElseThrow());
            if (left.size() < 3) {
                time.advance(SECOND);
                throw failure;
            }
            return "value";
        });

        assertThat(left).containsOnly(SECOND.multipliedBy(2));
    }

    @Test
    void aDrainEndsTheRetries() {
        Supervisor supervisor = supervisor(retrying(9));
        assertThatThrownBy(() -> supervisor.call(context -> {
                    contexts.add(context);
                    if (contexts.size() == 3) {
                        supervisor.drain();
                    }
                    throw failure;
                }))
                .isInstanceOf(SupervisorShutdownException.class)
                .hasCause(failure);
        assertThat(contexts).hasSize(3);
    }

    @Test
    void anInterruptOfTheCallersEndsTheRetries() {
        assertThatThrownBy(() -> supervisor(retrying(9)).call(context -> {
                    contexts.add(context);
                    if (contexts.size() == 2) {
                        Thread.currentThread().interrupt();
                    }
                    throw failure;
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(contexts).hasSize(2);
    }

    @Test
    void aFinalFailureGivesThePermitBack() throws Exception {
        Supervisor supervisor = supervisor(retrying(1).withAdmission(AdmissionPolicy.of(1)));
        assertThatThrownBy(() -> supervisor.call(context -> {
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(supervisor.<String>call(context -> "the permit is back")).isNotNull();
    }

    @Test
    void aLimitThatComesWhileItRetriesHoldsForTheNextAttempt() {
        Supervisor supervisor = supervisor(retrying(3));
        assertThatThrownBy(() -> supervisor.call(context -> {
                    contexts.add(context);
                    if (contexts.size() == 1) {
                        supervisor.update(retrying(3).withAdmission(AdmissionPolicy.of(1)));
                        throw failure;
                    }
                    return supervisor.call(inner -> "there is but one permit");
                }))
                .isInstanceOf(AdmissionRejectedException.class);
    }
}
