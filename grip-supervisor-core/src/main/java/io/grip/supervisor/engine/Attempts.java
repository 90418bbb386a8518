package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.ThreadSlot;
import org.jspecify.annotations.Nullable;

/** Gathers what is known of an attempt once it is over, from where it ran. */
final class Attempts {

    private Attempts() {}

    /**
     * An attempt on the caller's thread, after the handshake.
     *
     * @param ours whether we had interrupted the thread for it
     * @param observed the task as it was handed to a runner that is not ours; null if it was ours
     */
    static <T extends @Nullable Object> Attempt<T> onCallersThread(
            AttemptFrame frame,
            boolean ours,
            @Nullable Result<T> report,
            @Nullable Throwable runnerFailure,
            @Nullable ObservedTask<T> observed) {
        if (isSuccess(report)) {
            return succeeded(report, frame.isCommitted());
        }
        boolean fromOutside = !ours && frame.outerInterrupted();
        boolean interrupted = !ours
                && !fromOutside
                && (Thread.currentThread().isInterrupted()
                        || speaksOfInterrupt(report != null ? report.cause() : runnerFailure, observed));
        EndReason endedBy = ours ? frame.reason() : EndReason.NONE;
        if (frame.wasCancelledItself() && !fromOutside && !interrupted) {
            // Be it that the cancel came too late to interrupt, or when a timeout had done so already.
            endedBy = EndReason.CANCEL;
        }
        return new Attempt<>(
                report,
                runnerFailure,
                endedBy,
                fromOutside,
                interrupted,
                frame.wasCancelled(),
                frame.limits().passed(frame.time()),
                frame.isCommitted());
    }

    /** An attempt on a thread of its own, which has ended or was left. */
    static <T extends @Nullable Object> Attempt<T> onOwnThread(
            OwnThreadContext context, @Nullable Result<T> report, @Nullable Throwable runnerFailure) {
        if (isSuccess(report)) {
            return succeeded(report, context.isCommitted());
        }
        if (!context.wasLeft()) {
            return new Attempt<>(
                    report,
                    runnerFailure,
                    context.wasCancelledItself() ? EndReason.CANCEL : EndReason.NONE,
                    false,
                    false,
                    context.wasCancelled(),
                    context.limitPassed(),
                    context.isCommitted());
        }
        boolean fromOutside = isEndedFromOutside(ThreadSlot.current());
        boolean interrupted = !fromOutside && Thread.currentThread().isInterrupted();
        if (fromOutside || interrupted) {
            return new Attempt<>(
                    report, runnerFailure, EndReason.NONE, fromOutside, interrupted, true, EndReason.NONE, true);
        }
        // Left at a limit or on request: nothing was thrown, the task is still at it.
        return new Attempt<>(
                null, null, context.reasonForLeaving(), false, false, true, EndReason.NONE, context.isCommitted());
    }

    private static <T extends @Nullable Object> Attempt<T> succeeded(@Nullable Result<T> report, boolean committed) {
        return new Attempt<>(report, null, EndReason.NONE, false, false, false, EndReason.NONE, committed);
    }

    /** Whether an execution around this one has been interrupted by us, and with it whatever runs inside. */
    static boolean isEndedFromOutside(ThreadSlot slot) {
        Frame top = slot.top();
        return top != null && top.outerInterrupted();
    }

    private static boolean speaksOfInterrupt(@Nullable Throwable thrown, @Nullable ObservedTask<?> observed) {
        return thrown != null
                && Classifier.speaksOfInterrupt(thrown)
                && (observed == null || !observed.hasThrownElsewhere(thrown));
    }

    /** A runner's report, read once: the {@link Result} of somebody else's making may fail when it is asked. */
    static <T extends @Nullable Object> Result<T> read(@Nullable Result<T> report) {
        if (report == null) {
            throw new IllegalStateException("the ExecutorRunner returned null instead of a Result");
        }
        FailureKind kind = report.failure();
        if (kind == FailureKind.NONE) {
            return Result.success(report.value());
        }
        Throwable cause = report.cause();
        if (kind == null || cause == null) {
            throw new IllegalStateException("the ExecutorRunner reported the failure " + kind + " of " + cause);
        }
        return Result.failure(kind, cause);
    }

    private static boolean isSuccess(@Nullable Result<?> report) {
        return report != null && report.failure() == FailureKind.NONE;
    }
}
