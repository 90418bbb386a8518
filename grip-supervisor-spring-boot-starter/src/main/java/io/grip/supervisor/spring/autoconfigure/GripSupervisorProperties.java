package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.ExponentialBackoff;
import io.grip.supervisor.policy.FixedBackoff;
import io.grip.supervisor.policy.LinearBackoff;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.spring.StartupChecks;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.handler.IgnoreErrorsBindHandler;
import org.springframework.core.env.Environment;

/**
 * Everything that can be set under {@code grip.supervisor}, as it was written: what is not set is null, so that
 * {@link ConfiguredPolicies} can tell it from what is. Unknown keys are refused, hence every key is a component of this
 * one record. Immutable.
 *
 * @param enabled Whether supervision is on. When off, supervised methods are called as if they were not annotated, and
 *     supervisors make one attempt without limits. Read at run time, in an ahead-of-time build too.
 * @param order Order of the supervising advisor among the others of a method; lower is further out.
 * @param checks Severity of problems found at start that supervision could live with: contradictory values, and annotations
 *     that have no effect.
 * @param observation Executions and attempts as Micrometer observations.
 * @param defaults Values that every policy starts from, one by one.
 * @param policies Policies by name. Names that have the same letters and digits are one policy.
 * @param trees Supervision trees by the name of their root. Names that have the same letters and digits are one tree.
 * @param treeLimits Limits that all trees share.
 * @param console Page that shows the supervisors.
 */
@ConfigurationProperties(prefix = GripSupervisorProperties.PREFIX, ignoreUnknownFields = false)
public record GripSupervisorProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("2147483547") int order,
        @DefaultValue("fail") StartupChecks checks,
        @DefaultValue Observation observation,
        @DefaultValue Policy defaults,
        @DefaultValue Map<String, Policy> policies,
        @DefaultValue Map<String, TreeProperties.Tree> trees,
        @DefaultValue TreeShare treeLimits,
        @DefaultValue Console console) {

    static final String PREFIX = "grip.supervisor";

    /**
     * What can be read at a time when it is too early to complain: while beans are still being defined, or while an
     * application is built whose environment is that of another day. What cannot be read counts as not set.
     */
    static GripSupervisorProperties readable(Environment environment) {
        return Binder.get(environment)
                .bindOrCreate(PREFIX, Bindable.of(GripSupervisorProperties.class), new IgnoreErrorsBindHandler());
    }

    /** Copies the maps, in their order: sources of higher precedence come first. */
    public GripSupervisorProperties {
        policies = Collections.unmodifiableMap(new LinkedHashMap<>(policies));
        trees = Collections.unmodifiableMap(new LinkedHashMap<>(trees));
    }

    /**
     * The page that shows the supervisors.
     *
     * @param enabled Whether the console is served, as the Actuator endpoint 'supervisorconsole', which has to be exposed
     *     as well. Read at run time, in an ahead-of-time build too, where it can switch off only.
     */
    public record Console(@DefaultValue("false") boolean enabled) {}

    /**
     * Executions and attempts as Micrometer observations.
     *
     * @param enabled Whether executions and attempts are observed, and so traced where there is a tracer. Read at run
     *     time, in an ahead-of-time build too.
     */
    public record Observation(@DefaultValue("false") boolean enabled) {}

    /**
     * The values of one policy; none of them needs to be set.
     *
     * @param thread Thread that runs attempts: that of the caller, or one of their own, which can be left behind at a
     *     limit.
     * @param retry Repetition of attempts.
     * @param deadline Time that an execution and its attempts have.
     * @param admission Number of attempts at once.
     * @param restart New runs after a finished one.
     * @param escalation Final failures that go up to the parent supervisor.
     */
    public record Policy(
            @Nullable AttemptThread thread,
            @DefaultValue Retry retry,
            @DefaultValue Deadline deadline,
            @DefaultValue Admission admission,
            @DefaultValue Restart restart,
            @DefaultValue Escalation escalation) {

        /** These values, and those of another spelling of the same policy where these are not set. */
        Policy filledFrom(Policy other) {
            return merged(other, Backoff::filledFrom);
        }

        /** These values, and inherited ones where these are not set. */
        Policy inheriting(Policy base) {
            return merged(base, Backoff::inheriting);
        }

        private Policy merged(Policy base, BinaryOperator<Backoff> backoffs) {
            return new Policy(
                    or(thread, base.thread),
                    new Retry(
                            or(retry.maxAttempts, base.retry.maxAttempts),
                            or(retry.jitter, base.retry.jitter),
                            backoffs.apply(retry.backoff, base.retry.backoff),
                            or(retry.retryOn, base.retry.retryOn),
                            or(retry.neverOn, base.retry.neverOn),
                            new Budget(
                                    or(retry.budget.share, base.retry.budget.share),
                                    or(retry.budget.floor, base.retry.budget.floor),
                                    or(retry.budget.recent, base.retry.budget.recent))),
                    new Deadline(
                            or(deadline.timeout, base.deadline.timeout),
                            or(deadline.attemptTimeout, base.deadline.attemptTimeout)),
                    new Admission(
                            or(admission.maxConcurrency, base.admission.maxConcurrency),
                            or(admission.maxWait, base.admission.maxWait)),
                    new Restart(
                            or(restart.mode, base.restart.mode),
                            or(restart.maxRestarts, base.restart.maxRestarts),
                            or(restart.period, base.restart.period),
                            backoffs.apply(restart.backoff, base.restart.backoff)),
                    new Escalation(
                            or(escalation.onPanic, base.escalation.onPanic),
                            or(escalation.onRetryExhausted, base.escalation.onRetryExhausted)));
        }
    }

    /** Where attempts run. */
    public enum AttemptThread {
        /** On the thread of the caller, so that transactions, security, logging and request scope hold. */
        CALLER,
        /** Each on a thread of its own. */
        OWN
    }

    /**
     * How an attempt is repeated.
     *
     * @param maxAttempts Number of attempts, the first included: 1 or more, or 'unlimited'.
     * @param jitter Share of each delay that is left to chance, from 0 (none) to 1 (all).
     * @param backoff Delay before each retry.
     * @param retryOn Exceptions to retry after, with their subclasses; all of them when empty.
     * @param neverOn Exceptions never to retry after, with their subclasses. A nearer superclass in the other list wins.
     * @param budget Number of retries that all executions may make together.
     */
    public record Retry(
            @Nullable AttemptLimit maxAttempts,
            @Nullable Double jitter,
            @DefaultValue Backoff backoff,
            @Nullable List<Class<? extends Throwable>> retryOn,
            @Nullable List<Class<? extends Throwable>> neverOn,
            @DefaultValue Budget budget) {}

    /**
     * How many retries all executions of a supervisor may make together.
     *
     * @param share Share of a retry that each execution earns, from 0 to 1; 'none' for no budget.
     * @param floor Number of retries there are to begin with.
     * @param recent Number of executions of which what they have earned is kept.
     */
    public record Budget(
            @Nullable ShareLimit share,
            @Nullable Integer floor,
            @Nullable Integer recent) {}

    /**
     * How delays grow. One with a type inherits none of the other values.
     *
     * @param type Growth of the delay. A type that a policy sets itself makes it inherit none of the values beside it.
     * @param initial First delay; for a linear one the step too, for a fixed one every delay.
     * @param multiplier Factor from one delay to the next, 1 or more; exponential only.
     * @param max Longest delay; exponential and linear only.
     */
    public record Backoff(
            @Nullable BackoffType type,
            @Nullable Duration initial,
            @Nullable Double multiplier,
            @Nullable Duration max) {

        /** What makes a policy of one of these types; empty for one of the application's own making. */
        static Optional<Backoff> of(BackoffPolicy policy) {
            if (policy.equals(BackoffPolicy.none())) {
                return Optional.of(new Backoff(BackoffType.NONE, null, null, null));
            }
            if (policy instanceof FixedBackoff fixed) {
                return Optional.of(new Backoff(BackoffType.FIXED, fixed.delay(), null, null));
            }
            if (policy instanceof LinearBackoff linear) {
                return Optional.of(new Backoff(BackoffType.LINEAR, linear.step(), null, linear.max()));
            }
            return policy instanceof ExponentialBackoff grows
                    ? Optional.of(
                            new Backoff(BackoffType.EXPONENTIAL, grows.initial(), grows.multiplier(), grows.max()))
                    : Optional.empty();
        }

        boolean isUnset() {
            return type == null && initial == null && multiplier == null && max == null;
        }

        Backoff filledFrom(Backoff other) {
            return new Backoff(
                    or(type, other.type),
                    or(initial, other.initial),
                    or(multiplier, other.multiplier),
                    or(max, other.max));
        }

        /** A type of its own gives the other values another meaning, so none of them is inherited then. */
        Backoff inheriting(Backoff base) {
            return type == null ? filledFrom(base) : this;
        }
    }

    /** How a delay grows. */
    public enum BackoffType {
        /** No delay at all. */
        NONE,
        /** The same delay each time. */
        FIXED,
        /** One step more each time. */
        LINEAR,
        /** Multiplied each time. */
        EXPONENTIAL
    }

    /**
     * How long things may take.
     *
     * @param timeout Time for a whole execution, with all its attempts and waits; 'none' for no limit.
     * @param attemptTimeout Time for one attempt; 'none' for no limit.
     */
    public record Deadline(
            @Nullable DurationLimit timeout, @Nullable DurationLimit attemptTimeout) {}

    /**
     * How many attempts may run at once.
     *
     * @param maxConcurrency Number of attempts that may run at once, 1 or more; 'unlimited' for no limit.
     * @param maxWait Time to wait for a free place before the first attempt; 0 rejects at once.
     */
    public record Admission(
            @Nullable CountLimit maxConcurrency, @Nullable Duration maxWait) {}

    /**
     * When a finished run is followed by a new one, with a fresh count of attempts.
     *
     * @param mode Condition of a restart: never, on-failure, or always (after success too).
     * @param maxRestarts Number of restarts that the period may hold; one more, and the supervisor gives up.
     * @param period Length of the sliding period in which restarts are counted.
     * @param backoff Delay before each restart.
     */
    public record Restart(
            @Nullable RestartPolicy mode,
            @Nullable Integer maxRestarts,
            @Nullable Duration period,
            @DefaultValue Backoff backoff) {}

    /**
     * Which final failures go up to the parent supervisor.
     *
     * @param onPanic Whether an Error goes up; if so, it is never retried.
     * @param onRetryExhausted Whether a failure goes up for which no attempt or no time was left.
     */
    public record Escalation(
            @Nullable Boolean onPanic, @Nullable Boolean onRetryExhausted) {}

    /**
     * What all trees of the application share.
     *
     * @param restartsPerSecond Number of restarts a second once the burst is used up; 'unlimited' for no limit.
     * @param burst Number of restarts that may come at once after a quiet time.
     * @param atOnce Number of children that may be starting again at the same time; 'unlimited' for no limit.
     * @param maxAbandoned Number of abandoned threads that is borne; one more, and the root's action is due.
     */
    public record TreeShare(
            @Nullable CountLimit restartsPerSecond,
            @Nullable Integer burst,
            @Nullable CountLimit atOnce,
            @Nullable CountLimit maxAbandoned) {}

    private static <T> @Nullable T or(@Nullable T own, @Nullable T other) {
        return own != null ? own : other;
    }
}
