package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.policy.RetryableThrowables;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * What follows the failure of an attempt where that is plain without anybody to pay, to ask for a permit or to tell. It
 * says the same as {@link Classifier} and {@link Decisions} for what it decides, and leaves to them whatever needs a second
 * look.
 */
enum AtOnce {
    /** The next attempt, on the spot. */
    RETRY,
    /** The next attempt, after a wait. */
    WAIT,
    /** The end: the caller gets what the task threw. */
    END,
    /** Something else, or the same by a longer way. */
    ASK;

    /**
     * After a failure that nobody but the task has had a part in. Asks the throwable, the policy and the hints: code of the
     * user's, which may throw.
     *
     * @param attempt the number of the attempt that has just failed
     * @param retriesPlainly whether a retry needs nothing but its time
     * @param escalates whether there is anybody to escalate to
     */
    static AtOnce after(
            Throwable thrown,
            int attempt,
            Rules rules,
            boolean retriesPlainly,
            boolean escalates,
            Function<Throwable, Optional<Duration>> hints) {
        SupervisorPolicy policy = rules.policy();
        // Asked once for all that want to know, since the answer takes a lock of the throwable's; most have none.
        boolean alone = thrown.getCause() == null;
        boolean worthRetry = alone && rules.isOrdinary(thrown.getClass());
        if (!worthRetry) {
            if (isSpecial(thrown, alone)) {
                return ASK;
            }
            worthRetry = !(RetryableThrowables.unwrap(thrown) instanceof SupervisorShutdownException)
                    && policy.retry().isRetryable(thrown);
            if (alone && worthRetry) {
                rules.isOrdinaryFromNowOn(thrown.getClass());
            }
        }
        if (worthRetry && policy.shouldRetry(FailureKind.HANDLER_ERROR, attempt)) {
            boolean hinted =
                    retriesPlainly && (alone ? Hints.ofItself(thrown, hints) : Hints.of(thrown, hints)).isPresent();
            return !retriesPlainly || hinted ? ASK : rules.waitsBeforeRetries() ? WAIT : RETRY;
        }
        return escalates && policy.shouldEscalate(FailureKind.HANDLER_ERROR, worthRetry) ? ASK : END;
    }

    private static boolean isSpecial(Throwable thrown, boolean alone) {
        return thrown instanceof Error
                || thrown instanceof CancellationException
                || (alone ? Classifier.isInterrupt(thrown) : Classifier.speaksOfInterrupt(thrown));
    }
}
