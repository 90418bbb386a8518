package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.tree.FailureClassifier;
import io.grip.supervisor.tree.Verdict;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two throwables may each have the other as its cause; whoever walks along them must come to an end. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CircularCausesTests {

    private static Exception circle() {
        IllegalStateException one = new IllegalStateException("one");
        IllegalArgumentException other = new IllegalArgumentException("other", one);
        one.initCause(other);
        return one;
    }

    @Test
    void anExecutionEndsWithSuchAFailure() {
        Exception failure = circle();
        Supervisor supervisor = Supervisor.builder("circle")
                .policy(SupervisorPolicy.none()
                        .withRetry(RetryPolicy.of(2)
                                .withBackoff(BackoffPolicy.none())
                                .withNeverOn(IOException.class)))
                .addDelayHint(thrown -> Optional.empty())
                .build();

        Result<Object> result = supervisor.run(context -> {
            throw failure;
        });

        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(result.cause()).isSameAs(failure);
        assertThat(result.attempts()).isEqualTo(2);
    }

    @Test
    void aChildIsJudgedByIt() {
        FailureClassifier classifier = FailureClassifier.defaults().on(IOException.class, Verdict.STOP);

        assertThat(classifier.verdict(circle())).isEqualTo(Verdict.RESTART);
    }
}
