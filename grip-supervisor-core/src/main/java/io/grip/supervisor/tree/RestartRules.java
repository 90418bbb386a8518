package io.grip.supervisor.tree;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * When, how often and after what delay a child is restarted. Immutable; the same for workers and nested supervisors.
 *
 * @param policy which ends are followed by a restart: a resident worker ALWAYS (the default), a task ON_FAILURE
 * @param backoff the delay before each restart, by the number of failures in a row; default 200 ms, doubled up to 30 s
 * @param jitter how much of a delay is left to chance, from 0 to 1; the wait is uniform in [delay x (1 - jitter),
 *     delay]; default 0.5
 * @param consecutiveFailures how many failures in a row, without a healthy stretch between, are followed by a restart;
 *     the next one is final; default 10, 0 means the first failure is final, {@link #UNLIMITED} none ever is
 * @param resetAfter how long a child must have been up for its failures to be forgotten; empty (the default): the
 *     largest delay of the backoff, at least 30 s
 * @param reviveAfter how long after its final failure an isolated child is tried again, the first failure then being
 *     final; default 5 min, empty means never
 * @param onGiveUp what follows a final failure; empty (the default): ISOLATE, and ESCALATE where the supervisor restarts
 *     groups
 */
public record RestartRules(
        RestartPolicy policy,
        BackoffPolicy backoff,
        double jitter,
        int consecutiveFailures,
        Optional<Duration> resetAfter,
        Optional<Duration> reviveAfter,
        Optional<OnGiveUp> onGiveUp) {

    /** As many consecutive failures as it takes. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    static final BackoffPolicy DEFAULT_BACKOFF =
            BackoffPolicy.exponential(Duration.ofMillis(200), 2, Duration.ofSeconds(30));

    private static final Duration DEFAULT_RESET = Duration.ofSeconds(30);
    private static final Duration DEFAULT_REVIVAL = Duration.ofMinutes(5);

    private static final RestartRules DEFAULTS = new RestartRules(
            RestartPolicy.ALWAYS,
            DEFAULT_BACKOFF,
            0.5,
            10,
            Optional.empty(),
            Optional.of(DEFAULT_REVIVAL),
            Optional.empty());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of range; it names field, value and range
     */
    public RestartRules {
        Checks.notNull("restart policy", policy);
        Checks.notNull("backoff", backoff);
        Checks.between("jitter", jitter, 0, 1);
        Checks.atLeast("consecutive-failures", consecutiveFailures, 0);
        Checks.notNull("reset-after", resetAfter).ifPresent(span -> Checks.positive("reset-after", span));
        Checks.notNull("revive-after", reviveAfter).ifPresent(span -> Checks.positive("revive-after", span));
        Checks.notNull("on-give-up", onGiveUp);
    }

    /** The defaults. */
    public static RestartRules defaults() {
        return DEFAULTS;
    }

    /** How long a child must be up for its failures to be forgotten, the default reckoned. */
    public Duration healthyAfter() {
        return resetAfter.orElseGet(() -> {
            Duration largest = backoff.delay(Integer.MAX_VALUE);
            return largest.compareTo(DEFAULT_RESET) > 0 ? largest : DEFAULT_RESET;
        });
    }

    OnGiveUp onGiveUpUnder(RestartStrategy strategy) {
        return onGiveUp.orElse(strategy.restartsGroups() ? OnGiveUp.ESCALATE : OnGiveUp.ISOLATE);
    }

    /** These rules with another policy. */
    public RestartRules withPolicy(RestartPolicy policy) {
        return new RestartRules(policy, backoff, jitter, consecutiveFailures, resetAfter, reviveAfter, onGiveUp);
    }

    /** These rules with another backoff. */
    public RestartRules withBackoff(BackoffPolicy backoff) {
        return new RestartRules(policy, backoff, jitter, consecutiveFailures, resetAfter, reviveAfter, onGiveUp);
    }

    /** These rules with another jitter, from 0 to 1. */
    public RestartRules withJitter(double jitter) {
        return new RestartRules(policy, backoff, jitter, consecutiveFailures, resetAfter, reviveAfter, onGiveUp);
    }

    /** These rules with another number of failures in a row that are followed by a restart, zero or more. */
    public RestartRules withConsecutiveFailures(int consecutiveFailures) {
        return new RestartRules(policy, backoff, jitter, consecutiveFailures, resetAfter, reviveAfter, onGiveUp);
    }

    /** These rules with another healthy stretch, positive. */
    public RestartRules withResetAfter(Duration resetAfter) {
        return new RestartRules(
                policy, backoff, jitter, consecutiveFailures, Optional.of(resetAfter), reviveAfter, onGiveUp);
    }

    /** These rules with another time of revival, positive. */
    public RestartRules withReviveAfter(Duration reviveAfter) {
        return new RestartRules(
                policy, backoff, jitter, consecutiveFailures, resetAfter, Optional.of(reviveAfter), onGiveUp);
    }

    /** These rules without revival. */
    public RestartRules withoutRevival() {
        return new RestartRules(policy, backoff, jitter, consecutiveFailures, resetAfter, Optional.empty(), onGiveUp);
    }

    /** These rules with another answer to a final failure. */
    public RestartRules withOnGiveUp(OnGiveUp onGiveUp) {
        return new RestartRules(
                policy, backoff, jitter, consecutiveFailures, resetAfter, reviveAfter, Optional.of(onGiveUp));
    }
}
