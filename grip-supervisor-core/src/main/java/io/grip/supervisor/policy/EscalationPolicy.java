package io.grip.supervisor.policy;

import io.grip.supervisor.execution.FailureKind;

/**
 * Which final failures go up to the parent.
 *
 * @param onPanic whether a panic does; it then is never retried either
 * @param onRetryExhausted whether a failure does after which there were no attempts, or no time, left for a retry
 */
public record EscalationPolicy(boolean onPanic, boolean onRetryExhausted) {

    static final EscalationPolicy DEFAULT = new EscalationPolicy(true, true);
    static final EscalationPolicy NONE = new EscalationPolicy(false, false);

    /** Which final failures go up. */
    public static EscalationPolicy of(boolean onPanic, boolean onRetryExhausted) {
        return new EscalationPolicy(onPanic, onRetryExhausted);
    }

    /** Whether a final failure goes up; a pure function. */
    public boolean shouldEscalate(FailureKind kind, boolean retriesExhausted) {
        boolean exhausted = onRetryExhausted && retriesExhausted;
        return switch (kind) {
            case NONE, CONTEXT_CANCELLED, SHUTDOWN, REJECTED -> false;
            case HANDLER_ERROR -> exhausted;
            case PANIC -> onPanic || exhausted;
        };
    }
}
