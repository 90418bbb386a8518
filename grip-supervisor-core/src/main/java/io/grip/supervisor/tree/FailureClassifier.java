package io.grip.supervisor.tree;

/**
 * Gives the {@link Verdict} on what a worker threw.
 *
 * <p>One of the user's own is called on the thread of the incarnation that ended; what it throws, or that it takes
 * longer than a second, is reported, and {@link #defaults()} decides in its place.
 */
@FunctionalInterface
public interface FailureClassifier {

    /** The verdict on a throwable. */
    Verdict verdict(Throwable thrown);

    /**
     * An {@link Exception} and a {@link StackOverflowError} call for a restart, another {@link VirtualMachineError} is
     * fatal, any other {@link Error} escalates, since trying again cannot help.
     */
    static FailureClassifier defaults() {
        return TypeVerdicts.DEFAULTS;
    }

    /**
     * This classifier, unless the throwable is of a given type. Wrappers of futures and reflection are taken off, then
     * from the outermost throwable inwards along its causes the first of a listed type decides; among the types listed
     * for it the nearest superclass does. Of two entries for one type the later one counts.
     *
     * @param type the type, subtypes included
     * @param verdict what it calls for
     */
    default FailureClassifier on(Class<? extends Throwable> type, Verdict verdict) {
        return TypeVerdicts.of(this, type, verdict);
    }
}
