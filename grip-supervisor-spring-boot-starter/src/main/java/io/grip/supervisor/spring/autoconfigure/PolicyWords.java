package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Backoff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A policy in the words of the configuration: the way back from {@link PolicyFactory}. Pure functions. */
final class PolicyWords {

    private static final String NONE = "none";
    private static final String UNLIMITED = "unlimited";
    private static final int NANOS_PER_MILLI = 1_000_000;

    private PolicyWords() {}

    /** Each leaf that has a meaning for this policy, in the order of the configuration. */
    static Map<String, String> of(SupervisorPolicy policy, ExecutorRunner runner) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("thread", threadOf(runner));
        words.put("retry.max-attempts", policy.retry().maxAttempts().toString());
        words.put("retry.jitter", number(policy.retry().jitter()));
        putBackoff(words, "retry.backoff", policy.retry().backoff());
        words.put("retry.retry-on", names(policy.retry().throwables().retryOn()));
        words.put("retry.never-on", names(policy.retry().throwables().neverOn()));
        words.put(
                "retry.budget.share",
                policy.retryBudget().share().isPresent()
                        ? number(policy.retryBudget().share().getAsDouble())
                        : NONE);
        words.put("retry.budget.floor", Integer.toString(policy.retryBudget().floor()));
        words.put("retry.budget.recent", Integer.toString(policy.retryBudget().recent()));
        words.put("deadline.timeout", limit(policy.deadline().timeout()));
        words.put("deadline.attempt-timeout", limit(policy.deadline().attemptTimeout()));
        words.put(
                "admission.max-concurrency",
                policy.admission().maxConcurrency().isPresent()
                        ? Integer.toString(policy.admission().maxConcurrency().getAsInt())
                        : UNLIMITED);
        words.put("admission.max-wait", duration(policy.admission().maxWait()));
        words.put("restart.mode", word(policy.restart()));
        words.put("restart.max-restarts", Integer.toString(policy.intensity().maxRestarts()));
        words.put("restart.period", duration(policy.intensity().period()));
        putBackoff(words, "restart.backoff", policy.backoff());
        words.put("escalation.on-panic", Boolean.toString(policy.escalation().onPanic()));
        words.put(
                "escalation.on-retry-exhausted",
                Boolean.toString(policy.escalation().onRetryExhausted()));
        return words;
    }

    /** Only what its type uses; of one of the application's own making its class. */
    private static void putBackoff(Map<String, String> words, String group, BackoffPolicy policy) {
        Backoff backoff = Backoff.of(policy).orElse(null);
        if (backoff == null || backoff.type() == null) {
            words.put(group + ".type", policy.getClass().getName());
            return;
        }
        words.put(group + ".type", word(backoff.type()));
        putIfSet(words, group + ".initial", backoff.initial() == null ? null : duration(backoff.initial()));
        putIfSet(words, group + ".multiplier", backoff.multiplier() == null ? null : number(backoff.multiplier()));
        putIfSet(words, group + ".max", backoff.max() == null ? null : duration(backoff.max()));
    }

    private static void putIfSet(Map<String, String> words, String key, @Nullable String value) {
        if (value != null) {
            words.put(key, value);
        }
    }

    private static String threadOf(ExecutorRunner runner) {
        if (runner == ExecutorRunner.callerThread()) {
            return "caller";
        }
        return runner == ExecutorRunner.ownThread() ? "own" : runner.getClass().getName();
    }

    private static String names(Set<Class<? extends Throwable>> types) {
        return types.stream().map(Class::getName).sorted().collect(Collectors.joining(","));
    }

    private static String limit(Optional<Duration> limit) {
        return limit.map(PolicyWords::duration).orElse(NONE);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE
                ? Integer.toString((int) value)
                : Double.toString(value);
    }

    /** As one would write it, where it is whole milliseconds; else in ISO 8601. */
    static String duration(Duration duration) {
        if (duration.toNanosPart() % NANOS_PER_MILLI != 0) {
            return duration.toString();
        }
        return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
