package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Budget;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values that are each in range and make no sense together. Where all of them were written, the checks decide; where a
 * default is among them, nobody has contradicted himself, and it is a warning at most.
 */
final class Contradictions {

    private static final double NANOS_PER_SECOND = 1e9;

    private final PolicySources sources;
    private final StartupChecks checks;

    Contradictions(PolicySources sources, StartupChecks checks) {
        this.sources = sources;
        this.checks = checks;
    }

    /**
     * Reports what contradicts what.
     *
     * @param written what was written, inherited values included
     * @param policy what it makes
     */
    void report(Policy written, SupervisorPolicy policy) {
        reportAttemptLongerThanWhole(policy);
        reportRetryThatNeverFits(written, policy);
        reportIntensityThatNeverTrips(written, policy);
        reportBudgetForNothing(written, policy);
    }

    private void reportBudgetForNothing(Policy written, SupervisorPolicy policy) {
        Budget budget = written.retry().budget();
        boolean hasShare = policy.retryBudget().share().isPresent();
        if (hasShare && !policy.retry().maxAttempts().allowsAfter(1)) {
            report(
                    "there is a retry budget, but max-attempts is 1, so there is never a retry.",
                    List.of("retry.budget.share", "retry.max-attempts"),
                    "Raise max-attempts, or set share to 'none'.",
                    isSet(budget.share()) && isSet(written.retry().maxAttempts()));
        }
        if (!hasShare && !isSet(budget.share()) && (isSet(budget.floor()) || isSet(budget.recent()))) {
            report(
                    "floor or recent of a retry budget is set, but no share, so there is no budget.",
                    List.of("retry.budget.share", "retry.budget.floor", "retry.budget.recent"),
                    "Set a share, such as 0.2.",
                    true);
        }
    }

    private void reportAttemptLongerThanWhole(SupervisorPolicy policy) {
        Duration timeout = policy.deadline().timeout().orElse(null);
        Duration attemptTimeout = policy.deadline().attemptTimeout().orElse(null);
        if (timeout != null && attemptTimeout != null && attemptTimeout.compareTo(timeout) > 0) {
            report(
                    "attempt-timeout (" + text(attemptTimeout) + ") is above timeout (" + text(timeout)
                            + "), so it never decides anything.",
                    List.of("deadline.attempt-timeout", "deadline.timeout"),
                    "Lower attempt-timeout or raise timeout; 'none' unsets one that is inherited.",
                    true);
        }
    }

    private void reportRetryThatNeverFits(Policy written, SupervisorPolicy policy) {
        Duration timeout = policy.deadline().timeout().orElse(null);
        if (timeout == null || !policy.retry().maxAttempts().allowsAfter(1)) {
            return;
        }
        double smallest = inSeconds(policy.retry().backoff().delay(1))
                * (1 - policy.retry().jitter());
        if (smallest >= inSeconds(timeout)) {
            report(
                    "max-attempts is " + policy.retry().maxAttempts()
                            + ", but the smallest delay before the first retry ("
                            + text(smallest) + ") is not below timeout (" + text(timeout)
                            + "), so there is never a retry.",
                    List.of("retry.max-attempts", "retry.backoff.initial", "retry.jitter", "deadline.timeout"),
                    "Lower the first delay or raise timeout, or set max-attempts to 1.",
                    isSet(written.retry().backoff().initial()));
        }
    }

    private void reportIntensityThatNeverTrips(Policy written, SupervisorPolicy policy) {
        int maxRestarts = policy.intensity().maxRestarts();
        Duration period = policy.intensity().period();
        if (policy.restart() == RestartPolicy.NEVER || !exceeds(policy, maxRestarts, inSeconds(period))) {
            return;
        }
        report(
                "the smallest delays before " + maxRestarts + " restarts, taken together, are not below period ("
                        + text(period) + "), so max-restarts is never exceeded and the supervisor never gives up.",
                List.of("restart.max-restarts", "restart.period", "restart.backoff.initial", "retry.jitter"),
                "Raise period, lower max-restarts, or lower the delays.",
                isSet(written.restart().maxRestarts())
                        && isSet(written.restart().period())
                        && isSet(written.restart().backoff().initial()));
    }

    /** Whether some restarts with their smallest delays between them last at least as long as the period. */
    private static boolean exceeds(SupervisorPolicy policy, int restarts, double period) {
        double share = 1 - policy.retry().jitter();
        double total = 0;
        double before = -1;
        for (int restart = 1; restart <= restarts && total < period; restart++) {
            double delay = inSeconds(policy.backoff().delay(restart)) * share;
            if (delay == before) {
                // It grows no more: no need to count to two billion.
                return total + delay * (restarts - restart + 1.0) >= period;
            }
            total += delay;
            before = delay;
        }
        return total >= period;
    }

    private void report(String what, List<String> keys, String action, boolean allWritten) {
        StartupChecks severity = allWritten || checks == StartupChecks.OFF ? checks : StartupChecks.WARN;
        severity.report(new SupervisionConfigurationException(
                "Policy '" + sources.policy() + "': " + what, sources.describe(keys), action));
    }

    private static boolean isSet(@Nullable Object value) {
        return value != null;
    }

    private static double inSeconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / NANOS_PER_SECOND;
    }

    private static String text(double seconds) {
        return text(Duration.ofNanos(Math.round(seconds * NANOS_PER_SECOND)));
    }

    /** As one would write it in a property, where it is whole milliseconds. */
    private static String text(Duration duration) {
        if (duration.toNanosPart() % 1_000_000 != 0) {
            return duration.toString();
        }
        return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
