package io.grip.supervisor.hook;

import io.grip.supervisor.execution.FailureKind;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a supervisor measures, for those who feed a metrics system. Where {@link Hooks} tell the story of an execution,
 * these are the numbers, attempts and waits included; each call comes once, with times in nanoseconds.
 *
 * <p>Called on the path of every execution, by many threads at once, with no lock held: implementations record and
 * return, without blocking and without allocating. What one throws is logged and counted as a hook's failure would be.
 */
public interface Telemetry {

    /** How one attempt ended. */
    enum AttemptOutcome {
        /** It returned its value. */
        SUCCESS,
        /** It failed. */
        FAILURE,
        /** It ran past its timeout or the deadline. */
        TIMEOUT,
        /** It was cancelled, interrupted, or shut down. */
        CANCELLED
    }

    /** What can be read off a supervisor at any moment, by any thread: looked up, so meant for gauges. */
    interface Readings {

        /** How many attempts run. */
        int inFlight();

        /** How many executions wait for a permit. */
        int waiting();

        /** How many threads run on with an attempt that nobody waits for any more. */
        int abandonedThreads();

        /** How many attempts may run at once; empty without a limit. */
        OptionalInt admissionLimit();

        /** How many retries the budget has left; empty without one. */
        OptionalInt retriesLeft();
    }

    /**
     * An execution has ended, refused ones included.
     *
     * @param kind how
     * @param cause why it failed; null on success
     * @param nanos how long it took, waits included
     */
    default void execution(FailureKind kind, @Nullable Throwable cause, long nanos) {}

    /**
     * An attempt has ended.
     *
     * @param nanos how long it took
     */
    default void attempt(AttemptOutcome outcome, long nanos) {}

    /** An execution has waited before a retry or restart, to the end or not, for this long. */
    default void backoff(long nanos) {}

    /** An execution has waited for a permit, with or without success, for this long; not called if it did not wait. */
    default void admissionWait(long nanos) {}

    /** A retry was decided. */
    default void retry() {}

    /** A retry was not made because the budget had none left. */
    default void retryRefused() {}

    /** A restart was decided. */
    default void restart() {}

    /** The supervisor gave up. */
    default void giveUp() {}

    /** A final failure went up, one of this supervisor's own or one that a child told it of. */
    default void escalation() {}

    /** An execution was rejected by admission. */
    default void rejection() {}

    /** A hook threw. */
    default void hookError() {}

    /** An attempt that nobody waited for any more came to an end with a value, which was discarded. */
    default void lateResult() {}

    /** The policy was changed; {@link Readings} show the new one. */
    default void policyChanged() {}

    /**
     * The supervisor is closed: nothing is recorded any more, and what shows its numbers can go. Called once, by whoever
     * closes it, ends its last execution, or serves its clock; every other close waits for it, a second at the most.
     */
    default void closed() {}

    /** This telemetry, then another: what this one throws does not keep the other from recording. */
    default Telemetry andThen(Telemetry next) {
        return TelemetryPair.of(this, next);
    }

    /** Telemetry that records nothing; with it, no clock is read for measuring. */
    static Telemetry none() {
        return NoTelemetry.INSTANCE;
    }
}
