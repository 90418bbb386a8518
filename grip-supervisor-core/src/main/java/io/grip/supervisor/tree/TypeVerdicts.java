package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RetryableThrowables;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Verdicts by type, and who is asked about any other. Immutable. */
record TypeVerdicts(Map<Class<? extends Throwable>, Verdict> byType, FailureClassifier otherwise)
        implements FailureClassifier {

    static final FailureClassifier DEFAULTS = TypeVerdicts::byKindOfThrowable;

    /** How far a chain of causes is followed; a loop in it ends here too. */
    private static final int DEPTH = 64;

    static FailureClassifier of(FailureClassifier base, Class<? extends Throwable> type, Verdict verdict) {
        TypeVerdicts table = base instanceof TypeVerdicts known ? known : new TypeVerdicts(Map.of(), base);
        Map<Class<? extends Throwable>, Verdict> extended = new HashMap<>(table.byType);
        extended.put(type, verdict);
        return new TypeVerdicts(Map.copyOf(extended), table.otherwise);
    }

    /** Whether no code of the user's takes part. */
    static boolean isOwn(FailureClassifier classifier) {
        return classifier == DEFAULTS || classifier instanceof TypeVerdicts table && table.otherwise == DEFAULTS;
    }

    @Override
    public Verdict verdict(Throwable thrown) {
        Throwable link = RetryableThrowables.unwrap(thrown);
        for (int depth = 0; link != null && depth < DEPTH; depth++, link = link.getCause()) {
            Verdict verdict = verdictOn(link.getClass());
            if (verdict != null) {
                return verdict;
            }
        }
        return otherwise.verdict(thrown);
    }

    private @Nullable Verdict verdictOn(Class<?> type) {
        for (Class<?> ancestor = type; ancestor != null; ancestor = ancestor.getSuperclass()) {
            Verdict verdict = byType.get(ancestor);
            if (verdict != null) {
                return verdict;
            }
        }
        return null;
    }

    private static Verdict byKindOfThrowable(Throwable thrown) {
        Throwable inner = RetryableThrowables.unwrap(thrown);
        if (inner instanceof Exception || inner instanceof StackOverflowError) {
            return Verdict.RESTART;
        }
        return inner instanceof VirtualMachineError ? Verdict.FATAL : Verdict.ESCALATE;
    }
}
