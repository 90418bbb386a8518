package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.SupervisionException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Says what kind of failure an attempt was. Pure functions. */
final class Classifier {

    /** How far a chain of causes is followed; a loop in it ends here too. */
    private static final int DEPTH = 64;

    private Classifier() {}

    /**
     * Classifies a failed attempt. What the engine did itself comes first, since it explains what the task threw; then
     * the caller's interrupt, which must not be lost; then what the runner knows; and only then the throwable's type.
     *
     * @param exceptions makes the library's own exceptions
     */
    static Failure classify(Attempt<?> attempt, EngineExceptions exceptions) {
        if (attempt.endedBy() != EndReason.NONE) {
            return ended(attempt.endedBy(), attempt.thrown(), exceptions);
        }
        Throwable thrown = Objects.requireNonNull(attempt.thrown(), "a failed attempt has thrown something");
        if (attempt.endedFromOutside()) {
            return new Failure(FailureKind.CONTEXT_CANCELLED, thrown, InterruptedBy.OUTER_EXECUTION);
        }
        if (attempt.interrupted()) {
            return new Failure(FailureKind.CONTEXT_CANCELLED, thrown, InterruptedBy.STRANGER);
        }
        if (attempt.report() != null && stands(attempt.report().failure())) {
            return Failure.of(attempt.report().failure(), thrown);
        }
        if (attempt.limitPassed() != EndReason.NONE) {
            return ended(attempt.limitPassed(), thrown, exceptions);
        }
        if (attempt.runnerFailure() != null || thrown instanceof Error) {
            return Failure.of(FailureKind.PANIC, thrown);
        }
        boolean cancelled = thrown instanceof CancellationException && attempt.contextCancelled();
        return Failure.of(cancelled ? FailureKind.CONTEXT_CANCELLED : FailureKind.HANDLER_ERROR, thrown);
    }

    /** What the end of an attempt or a wait by the engine itself amounts to. */
    static Failure ended(EndReason reason, @Nullable Throwable last, EngineExceptions exceptions) {
        return switch (reason) {
            case CANCEL -> Failure.of(FailureKind.CONTEXT_CANCELLED, exceptions.cancelled(last));
            case SHUTDOWN -> Failure.of(FailureKind.SHUTDOWN, exceptions.shutdown(last));
            case DEADLINE -> Failure.of(FailureKind.CONTEXT_CANCELLED, exceptions.deadlineExceeded(last));
            case ATTEMPT_TIMEOUT -> Failure.of(FailureKind.HANDLER_ERROR, exceptions.attemptTimeout(last));
            case NONE -> throw new IllegalArgumentException("nothing was ended");
        };
    }

    /**
     * Whether a throwable speaks of an interrupt of the thread it was thrown on. What a supervisor inside has already
     * classified is not looked into: its own interrupts are behind its exceptions.
     */
    static boolean speaksOfInterrupt(Throwable thrown) {
        Throwable link = thrown;
        for (int depth = 0; link != null && depth < DEPTH; depth++) {
            if (isInterrupt(link)) {
                return true;
            }
            if (link instanceof SupervisionException || link instanceof ExecutionCancelledException) {
                return false;
            }
            link = Causes.of(link);
        }
        return false;
    }

    /** Whether a throwable is an interrupt of the thread it was thrown on, its causes aside. */
    static boolean isInterrupt(Throwable thrown) {
        return thrown instanceof InterruptedException || thrown instanceof ClosedByInterruptException;
    }

    /** Whether a kind reported by a runner is more than the engine could know. */
    private static boolean stands(FailureKind reported) {
        return switch (reported) {
            case CONTEXT_CANCELLED, SHUTDOWN, REJECTED -> true;
            case NONE, HANDLER_ERROR, PANIC -> false;
        };
    }
}
