package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one attempt when it is over, before it is classified.
 *
 * @param report what the runner reported; null if it threw or returned null
 * @param runnerFailure what the runner threw, or that it returned null; null if there is a report
 * @param endedBy why the engine ended it, if it did
 * @param endedFromOutside whether an execution around this one was ended, and with it this attempt
 * @param interrupted whether an interrupt that is not ours is pending, or what was thrown speaks of one
 * @param contextCancelled whether its context had been cancelled
 * @param limitPassed which limit had passed by the clock, be it that nobody had acted on it yet
 * @param committed whether it had begun to deliver
 */
record Attempt<T extends @Nullable Object>(
        @Nullable Result<T> report,
        @Nullable Throwable runnerFailure,
        EndReason endedBy,
        boolean endedFromOutside,
        boolean interrupted,
        boolean contextCancelled,
        EndReason limitPassed,
        boolean committed) {

    boolean succeeded() {
        return report != null && report.failure() == FailureKind.NONE;
    }

    /** What was thrown, by the task or else by the runner; null if nothing was. */
    @Nullable
    Throwable thrown() {
        return report != null ? report.cause() : runnerFailure;
    }
}
