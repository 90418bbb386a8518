package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import java.util.Optional;

/** Decides what follows a finished attempt: retry, else restart, else the end. Pure functions. */
final class Decisions {

    /** Without a deadline, how long a hint may ask to wait before that counts as giving up. */
    private static final long LONGEST_HINT = Nanos.of(Duration.ofMinutes(1));

    private Decisions() {}

    /** After a success: another incarnation where the policy wants one and has the room, else the end. */
    static Decision afterSuccess(SupervisorPolicy policy, Situation situation) {
        if (!policy.shouldRestart(FailureKind.NONE) || !situation.restartsAllowed() || situation.shuttingDown()) {
            return Decision.END;
        }
        long delay = restartDelay(policy, situation);
        return situation.hasRoomFor(delay) ? Decision.restart(delay) : Decision.END;
    }

    /**
     * After a failure.
     *
     * @param repeatable whether the attempt may be repeated at all, having delivered nothing yet
     * @param worthRetry whether the throwable is worth a retry
     * @param hint how long the throwable asks to wait
     */
    static Decision afterFailure(
            SupervisorPolicy policy,
            FailureKind kind,
            boolean repeatable,
            boolean worthRetry,
            Optional<Duration> hint,
            Situation situation) {
        if (repeatable && worthRetry && policy.shouldRetry(kind, situation.attempt())) {
            return retry(policy, hint, situation);
        }
        boolean exhausted =
                worthRetry && isFailure(kind) && !policy.retry().maxAttempts().allowsAfter(situation.attempt());
        if (!repeatable || !policy.shouldRestart(kind) || !situation.restartsAllowed()) {
            return exhausted ? Decision.END_EXHAUSTED : Decision.END;
        }
        if (situation.shuttingDown()) {
            return Decision.END_BY_SHUTDOWN;
        }
        long delay = restartDelay(policy, situation);
        if (situation.hasRoomFor(delay)) {
            return Decision.restart(delay);
        }
        return exhausted ? Decision.END_EXHAUSTED : Decision.END;
    }

    private static Decision retry(SupervisorPolicy policy, Optional<Duration> hint, Situation situation) {
        if (situation.shuttingDown()) {
            return Decision.END_BY_SHUTDOWN;
        }
        long hinted = hint.map(Nanos::of).orElse(0L);
        if (situation.room() == null && hinted > LONGEST_HINT) {
            return Decision.END_EXHAUSTED;
        }
        long backoff = delay(policy.retry().backoff(), situation.attempt(), policy, situation);
        long delay = Math.max(backoff, hinted);
        return situation.hasRoomFor(delay) ? Decision.retry(delay) : Decision.END_EXHAUSTED;
    }

    private static long restartDelay(SupervisorPolicy policy, Situation situation) {
        return delay(policy.backoff(), situation.restartsSinceHealthy() + 1, policy, situation);
    }

    private static long delay(BackoffPolicy backoff, int number, SupervisorPolicy policy, Situation situation) {
        return delay(backoff, number, policy, situation.draw());
    }

    /** How long a retry that nobody has given a hint for waits after an attempt, in nanoseconds. */
    static long delayOfRetry(SupervisorPolicy policy, int attempt, double draw) {
        return delay(policy.retry().backoff(), attempt, policy, draw);
    }

    private static long delay(BackoffPolicy backoff, int number, SupervisorPolicy policy, double draw) {
        long delay = Math.max(0, Nanos.of(backoff.delay(number)));
        return jittered(delay, policy.retry().jitter(), draw);
    }

    /** Uniform in [delay x (1 - jitter), delay]. */
    static long jittered(long delay, double jitter, double draw) {
        return Math.max(0, Math.min(delay, delay - (long) (delay * jitter * draw)));
    }

    private static boolean isFailure(FailureKind kind) {
        return kind == FailureKind.HANDLER_ERROR || kind == FailureKind.PANIC;
    }
}
