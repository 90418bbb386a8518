package io.grip.supervisor.tree;

import org.jspecify.annotations.Nullable;

/**
 * A supervisor stopped its children and failed. Its cause is the failure behind it, which is again one of these where
 * that came from a supervisor below, so the whole chain is there.
 */
public final class EscalatedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String supervisor;
    private final String child;
    private final EscalationReason reason;

    EscalatedException(String supervisor, String child, EscalationReason reason, @Nullable Throwable cause) {
        super("supervisor '" + supervisor + "' escalated because child '" + child + "' " + reason.text(), cause);
        this.supervisor = supervisor;
        this.child = child;
        this.reason = reason;
    }

    /** The path of the supervisor that escalated. */
    public String supervisor() {
        return supervisor;
    }

    /** The path of its child that made it escalate. */
    public String child() {
        return child;
    }

    /** Why. */
    public EscalationReason reason() {
        return reason;
    }
}
