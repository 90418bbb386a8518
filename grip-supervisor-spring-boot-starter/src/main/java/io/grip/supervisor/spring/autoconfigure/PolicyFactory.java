package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.Attempts;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.ExponentialBackoff;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.RetryableThrowables;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Admission;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Backoff;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.BackoffType;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Budget;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Deadline;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Escalation;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Restart;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one place where properties become a policy: {@link SupervisorPolicy#defaults()}, with each value that is set put in
 * its place. The ranges are the policies' own; what they refuse is reported with where it was written.
 */
final class PolicyFactory {

    private static final SupervisorPolicy DEFAULTS = SupervisorPolicy.defaults();

    private final PolicySources sources;
    private final StartupChecks checks;
    private final SupervisorPolicy base;

    PolicyFactory(PolicySources sources, StartupChecks checks) {
        this(sources, checks, DEFAULTS);
    }

    /**
     * As above, for values that change a policy.
     *
     * @param base what a value that is not set stays as
     */
    PolicyFactory(PolicySources sources, StartupChecks checks, SupervisorPolicy base) {
        this.sources = sources;
        this.checks = checks;
        this.base = base;
    }

    SupervisorPolicy create(Policy values) {
        Restart restart = values.restart();
        SupervisorPolicy policy = base.withRetry(retry(values.retry()))
                .withDeadline(deadline(values.deadline()))
                .withAdmission(admission(values.admission()))
                .withBackoff(backoff("restart.backoff", restart.backoff(), base.backoff(), DEFAULTS.backoff()))
                .withIntensity(intensity(restart))
                .withEscalation(escalation(values.escalation()))
                .withRetryBudget(budget(values.retry().budget()));
        policy = with(policy, restart.mode(), SupervisorPolicy::withRestart, "restart.mode");
        new Contradictions(sources, checks).report(values, policy);
        return policy;
    }

    private RetryPolicy retry(Retry values) {
        RetryPolicy policy = base.retry();
        RetryableThrowables unset = policy.throwables();
        policy = with(
                policy, values.maxAttempts(), (p, limit) -> p.withMaxAttempts(attempts(limit)), "retry.max-attempts");
        policy = with(policy, values.jitter(), RetryPolicy::withJitter, "retry.jitter");
        return new RetryPolicy(
                policy.maxAttempts(),
                backoff(
                        "retry.backoff",
                        values.backoff(),
                        policy.backoff(),
                        DEFAULTS.retry().backoff()),
                policy.jitter(),
                new RetryableThrowables(
                        types("retry.retry-on", values.retryOn(), unset.retryOn()),
                        types("retry.never-on", values.neverOn(), unset.neverOn())));
    }

    private static Attempts attempts(AttemptLimit limit) {
        return limit.value().isPresent() ? Attempts.atMost(limit.value().getAsInt()) : Attempts.unlimited();
    }

    /** The binder looks at the class only, not at the bound of its type parameter. */
    private Set<Class<? extends Throwable>> types(
            String key, @Nullable List<Class<? extends Throwable>> written, Set<Class<? extends Throwable>> unset) {
        if (written == null) {
            return unset;
        }
        for (int index = 0; index < written.size(); index++) {
            if (!Throwable.class.isAssignableFrom(written.get(index))) {
                throw problem(
                        "'" + written.get(index).getName() + "' is no exception.",
                        List.of(key + "[" + index + "]"),
                        "Name classes that extend java.lang.Throwable.");
            }
        }
        return Set.copyOf(written);
    }

    private DeadlinePolicy deadline(Deadline values) {
        DeadlinePolicy policy = with(
                base.deadline(),
                values.timeout(),
                (p, limit) -> new DeadlinePolicy(limit.value(), p.attemptTimeout()),
                "deadline.timeout");
        return with(
                policy,
                values.attemptTimeout(),
                (p, limit) -> new DeadlinePolicy(p.timeout(), limit.value()),
                "deadline.attempt-timeout");
    }

    private AdmissionPolicy admission(Admission values) {
        AdmissionPolicy policy = with(
                base.admission(),
                values.maxConcurrency(),
                (p, limit) -> new AdmissionPolicy(limit.value(), p.maxWait()),
                "admission.max-concurrency");
        return with(policy, values.maxWait(), AdmissionPolicy::withMaxWait, "admission.max-wait");
    }

    private RestartIntensity intensity(Restart values) {
        RestartIntensity intensity = with(
                base.intensity(),
                values.maxRestarts(),
                (p, count) -> RestartIntensity.of(count, p.period()),
                "restart.max-restarts");
        return with(
                intensity,
                values.period(),
                (p, period) -> RestartIntensity.of(p.maxRestarts(), period),
                "restart.period");
    }

    private EscalationPolicy escalation(Escalation values) {
        EscalationPolicy unset = base.escalation();
        return EscalationPolicy.of(
                values.onPanic() != null ? values.onPanic() : unset.onPanic(),
                values.onRetryExhausted() != null ? values.onRetryExhausted() : unset.onRetryExhausted());
    }

    private RetryBudget budget(Budget values) {
        RetryBudget budget = with(
                base.retryBudget(),
                values.share(),
                (p, share) -> new RetryBudget(share.value(), p.floor(), p.recent()),
                "retry.budget.share");
        budget = with(budget, values.floor(), RetryBudget::withFloor, "retry.budget.floor");
        return with(budget, values.recent(), RetryBudget::withRecent, "retry.budget.recent");
    }

    /** A group of which nothing is set stays as it is; one with a type starts from the defaults, not from what was. */
    private BackoffPolicy backoff(String group, Backoff values, BackoffPolicy unset, BackoffPolicy defaults) {
        if (values.isUnset()) {
            return unset;
        }
        if (values.type() != null) {
            return backoff(group, values, defaults);
        }
        Backoff present = Backoff.of(unset)
                .orElseThrow(() -> problem(
                        group + " is of the application's own making and has no such values.",
                        List.of(group + ".type"),
                        "Set a type too."));
        return backoff(group, values.filledFrom(present), defaults);
    }

    BackoffPolicy backoff(String group, Backoff values, BackoffPolicy base) {
        ExponentialBackoff defaults = (ExponentialBackoff) base;
        BackoffType type = values.type() != null ? values.type() : BackoffType.EXPONENTIAL;
        reportUnused(group, type, values);
        Duration initial = values.initial() != null ? values.initial() : defaults.initial();
        Duration max = values.max() != null ? values.max() : defaults.max();
        double multiplier = values.multiplier() != null ? values.multiplier() : defaults.multiplier();
        return switch (type) {
            case NONE -> BackoffPolicy.none();
            case FIXED -> checked(() -> BackoffPolicy.fixed(initial), group + ".initial");
            case LINEAR -> checked(() -> BackoffPolicy.linear(initial, max), group + ".initial", group + ".max");
            case EXPONENTIAL ->
                checked(
                        () -> BackoffPolicy.exponential(initial, multiplier, max),
                        group + ".initial",
                        group + ".multiplier",
                        group + ".max");
        };
    }

    private void reportUnused(String group, BackoffType type, Backoff values) {
        List<String> unused = new ArrayList<>();
        if (values.initial() != null && type == BackoffType.NONE) {
            unused.add(group + ".initial");
        }
        if (values.multiplier() != null && type != BackoffType.EXPONENTIAL) {
            unused.add(group + ".multiplier");
        }
        if (values.max() != null && (type == BackoffType.NONE || type == BackoffType.FIXED)) {
            unused.add(group + ".max");
        }
        if (!unused.isEmpty()) {
            List<String> keys = new ArrayList<>(unused);
            keys.add(group + ".type");
            checks.report(problem(
                    group + " is of type " + type.name().toLowerCase(Locale.ROOT) + ", which does not use "
                            + String.join(", ", unused) + ".",
                    keys,
                    "Remove what is not used, or choose another type."));
        }
    }

    <P, V> P with(P policy, @Nullable V value, BiFunction<P, V, P> wither, String key) {
        return value == null ? policy : checked(() -> wither.apply(policy, value), key);
    }

    <P> P checked(Supplier<P> policy, String... keys) {
        try {
            return policy.get();
        } catch (IllegalArgumentException outOfRange) {
            throw problem(outOfRange.getMessage() + ".", List.of(keys), "Set a value within the range.");
        }
    }

    SupervisionConfigurationException problem(String what, List<String> keys, String action) {
        return new SupervisionConfigurationException(sources.subject() + ": " + what, sources.describe(keys), action);
    }
}
