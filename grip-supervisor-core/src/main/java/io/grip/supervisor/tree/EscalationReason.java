package io.grip.supervisor.tree;

/** Why a supervisor escalates. */
public enum EscalationReason {
    /** A child failed once more than its own budget allows. */
    BUDGET("failed once more than its budget allows"),
    /** The children together failed once more than the supervisor's window allows. */
    INTENSITY("made one failure more than the window of its supervisor allows"),
    /** The verdict on what a child threw was ESCALATE or FATAL. */
    VERDICT("threw what no restart can help"),
    /** A child could not be stopped, so its group cannot be restarted. */
    CANNOT_STOP("did not stop, so its group cannot be restarted");

    private final String text;

    EscalationReason(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
