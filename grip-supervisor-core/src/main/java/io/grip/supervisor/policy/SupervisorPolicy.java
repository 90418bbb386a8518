package io.grip.supervisor.policy;

import io.grip.supervisor.execution.FailureKind;
import java.time.Duration;

/**
 * All that a supervisor decides by. An immutable value; the three decisions are pure functions of it.
 *
 * @param retry how an attempt is repeated
 * @param backoff the wait before a restart; its jitter is the retry policy's
 * @param deadline how long an execution and its attempts may take
 * @param admission how many attempts may run at once
 * @param restart when a finished incarnation is followed by a new one
 * @param intensity how many restarts are still healing
 * @param escalation which final failures go up to the parent
 * @param retryBudget how many retries all executions may make together
 */
public record SupervisorPolicy(
        RetryPolicy retry,
        BackoffPolicy backoff,
        DeadlinePolicy deadline,
        AdmissionPolicy admission,
        RestartPolicy restart,
        RestartIntensity intensity,
        EscalationPolicy escalation,
        RetryBudget retryBudget) {

    /** Checks that no part is missing. */
    public SupervisorPolicy {
        Checks.notNull("retry", retry);
        Checks.notNull("backoff", backoff);
        Checks.notNull("deadline", deadline);
        Checks.notNull("admission", admission);
        Checks.notNull("restart", restart);
        Checks.notNull("intensity", intensity);
        Checks.notNull("escalation", escalation);
        Checks.notNull("retryBudget", retryBudget);
    }

    private static final BackoffPolicy DEFAULT_RESTART_BACKOFF =
            BackoffPolicy.exponential(Duration.ofMillis(200), 2, Duration.ofSeconds(30));

    private static final SupervisorPolicy DEFAULTS = new SupervisorPolicy(
            RetryPolicy.of(3),
            DEFAULT_RESTART_BACKOFF,
            DeadlinePolicy.none(),
            AdmissionPolicy.unlimited(),
            RestartPolicy.NEVER,
            RestartIntensity.DEFAULT,
            EscalationPolicy.DEFAULT,
            RetryBudget.none());

    private static final SupervisorPolicy NONE = new SupervisorPolicy(
            RetryPolicy.none().withBackoff(BackoffPolicy.none()),
            BackoffPolicy.none(),
            DeadlinePolicy.none(),
            AdmissionPolicy.unlimited(),
            RestartPolicy.NEVER,
            RestartIntensity.DEFAULT,
            EscalationPolicy.NONE,
            RetryBudget.none());

    /**
     * The defaults: 3 attempts, exponential backoff 100 ms x 2 up to 10 s with jitter 0.5, no deadline, no limit on
     * concurrency or on all retries together, no restart (else after 200 ms x 2 up to 30 s, at most 3 within 5 s), escalation of panics and
     * exhausted retries.
     */
    public static SupervisorPolicy defaults() {
        return DEFAULTS;
    }

    /** The seed's zero value: one attempt, no wait, never a restart, no escalation. */
    public static SupervisorPolicy none() {
        return NONE;
    }

    /** This policy with another {@link #retry()}. */
    public SupervisorPolicy withRetry(RetryPolicy retry) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #backoff()} before restarts. */
    public SupervisorPolicy withBackoff(BackoffPolicy backoff) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #deadline()}. */
    public SupervisorPolicy withDeadline(DeadlinePolicy deadline) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #admission()}. */
    public SupervisorPolicy withAdmission(AdmissionPolicy admission) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #restart()}. */
    public SupervisorPolicy withRestart(RestartPolicy restart) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #intensity()}. */
    public SupervisorPolicy withIntensity(RestartIntensity intensity) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #escalation()}. */
    public SupervisorPolicy withEscalation(EscalationPolicy escalation) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /** This policy with another {@link #retryBudget()}. */
    public SupervisorPolicy withRetryBudget(RetryBudget retryBudget) {
        return new SupervisorPolicy(retry, backoff, deadline, admission, restart, intensity, escalation, retryBudget);
    }

    /**
     * Whether an attempt may be followed by a retry, by kind and count; {@link RetryPolicy#isRetryable} looks at the
     * throwable.
     *
     * @param kind how the attempt ended
     * @param attempt its number within the incarnation, from 1
     */
    public boolean shouldRetry(FailureKind kind, int attempt) {
        return switch (kind) {
            case NONE, CONTEXT_CANCELLED, SHUTDOWN, REJECTED -> false;
            case HANDLER_ERROR -> retry.maxAttempts().allowsAfter(attempt);
            case PANIC -> !escalation.onPanic() && retry.maxAttempts().allowsAfter(attempt);
        };
    }

    /** Whether an incarnation that ended like this is followed by another, intensity permitting. */
    public boolean shouldRestart(FailureKind kind) {
        return restart.shouldRestart(kind);
    }

    /**
     * Whether a final failure goes up to the parent.
     *
     * @param kind how the execution ended
     * @param retriesExhausted whether its last failure was worth a retry for which no attempt or no time was left
     */
    public boolean shouldEscalate(FailureKind kind, boolean retriesExhausted) {
        return escalation.shouldEscalate(kind, retriesExhausted);
    }
}
