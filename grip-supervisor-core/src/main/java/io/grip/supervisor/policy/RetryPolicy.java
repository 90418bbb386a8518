package io.grip.supervisor.policy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/**
 * How often, after what delay, and after which throwables an attempt is repeated.
 *
 * @param maxAttempts how many attempts an incarnation may make, the first included
 * @param backoff the delay before each retry, without jitter
 * @param jitter how much of a delay is left to chance, from 0 (none) to 1 (all): the wait is uniform in
 *     [delay x (1 - jitter), delay]
 * @param throwables which throwables are worth a retry
 */
public record RetryPolicy(Attempts maxAttempts, BackoffPolicy backoff, double jitter, RetryableThrowables throwables) {

    /** Exponential: 100 ms, doubled up to 10 s. */
    static final BackoffPolicy DEFAULT_BACKOFF =
            BackoffPolicy.exponential(Duration.ofMillis(100), 2, Duration.ofSeconds(10));

    private static final double DEFAULT_JITTER = 0.5;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the jitter is not in [0, 1]
     */
    public RetryPolicy {
        Checks.notNull("max-attempts", maxAttempts);
        Checks.notNull("backoff", backoff);
        Checks.between("jitter", jitter, 0, 1);
        Checks.notNull("throwables", throwables);
    }

    /**
     * At most some number of attempts, with the default backoff (exponential 100 ms x 2 up to 10 s), jitter 0.5, for all
     * throwables.
     *
     * @param maxAttempts 1 or more, the first included; 1 means no retry
     */
    public static RetryPolicy of(int maxAttempts) {
        return new RetryPolicy(Attempts.atMost(maxAttempts), DEFAULT_BACKOFF, DEFAULT_JITTER, RetryableThrowables.ALL);
    }

    /** One attempt, no retry. */
    public static RetryPolicy none() {
        return of(1);
    }

    /** As many attempts as it takes, with the defaults of {@link #of}. */
    public static RetryPolicy unlimited() {
        return new RetryPolicy(Attempts.unlimited(), DEFAULT_BACKOFF, DEFAULT_JITTER, RetryableThrowables.ALL);
    }

    /** This policy with another number of attempts. */
    public RetryPolicy withMaxAttempts(Attempts maxAttempts) {
        return new RetryPolicy(maxAttempts, backoff, jitter, throwables);
    }

    /**
     * This policy with the same delay before each retry.
     *
     * @param delay zero or more
     */
    public RetryPolicy withBackoff(Duration delay) {
        return withBackoff(BackoffPolicy.fixed(delay));
    }

    /** This policy with another backoff. */
    public RetryPolicy withBackoff(BackoffPolicy backoff) {
        return new RetryPolicy(maxAttempts, backoff, jitter, throwables);
    }

    /**
     * This policy with another jitter.
     *
     * @param jitter from 0 (none) to 1 (all)
     */
    public RetryPolicy withJitter(double jitter) {
        return new RetryPolicy(maxAttempts, backoff, jitter, throwables);
    }

    /** This policy, retrying after these types and their subclasses only; none means after all. */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final RetryPolicy withRetryOn(Class<? extends Throwable>... types) {
        return new RetryPolicy(maxAttempts, backoff, jitter, throwables.withRetryOn(Set.copyOf(Arrays.asList(types))));
    }

    /** This policy, never retrying after these types and their subclasses, unless a nearer type says otherwise. */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final RetryPolicy withNeverOn(Class<? extends Throwable>... types) {
        return new RetryPolicy(maxAttempts, backoff, jitter, throwables.withNeverOn(Set.copyOf(Arrays.asList(types))));
    }

    /** Whether the throwable's type is worth a retry; see {@link RetryableThrowables}. Counts nothing. */
    public boolean isRetryable(Throwable thrown) {
        return throwables.matches(thrown);
    }
}
