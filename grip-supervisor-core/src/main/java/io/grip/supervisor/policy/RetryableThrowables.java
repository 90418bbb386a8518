package io.grip.supervisor.policy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Which throwables are worth a retry, by type.
 *
 * <p>Mere wrappers ({@link CompletionException}, {@link ExecutionException}, {@link InvocationTargetException},
 * {@link UndeclaredThrowableException}) are taken off first. Then, from the outermost throwable inwards along its
 * causes, the first whose type is listed on either side decides; among the types listed for it the nearest superclass
 * does, and a tie is never-on. Where none is listed, the answer is yes if there is no retry-on list, else no. Of a
 * chain of causes the first 64 are looked at.
 *
 * @param retryOn the types to retry after; empty means all
 * @param neverOn the types never to retry after
 */
public record RetryableThrowables(Set<Class<? extends Throwable>> retryOn, Set<Class<? extends Throwable>> neverOn) {

    /** How far a chain of causes is followed: it can form a loop, or be made as it is asked for, and then has no end. */
    private static final int DEPTH = 64;

    /** Every throwable. */
    public static final RetryableThrowables ALL = new RetryableThrowables(Set.of(), Set.of());

    /** Copies the sets. */
    public RetryableThrowables {
        retryOn = Set.copyOf(retryOn);
        neverOn = Set.copyOf(neverOn);
    }

    /** This with another list of types to retry after. */
    public RetryableThrowables withRetryOn(Set<Class<? extends Throwable>> types) {
        return new RetryableThrowables(types, neverOn);
    }

    /** This with another list of types never to retry after. */
    public RetryableThrowables withNeverOn(Set<Class<? extends Throwable>> types) {
        return new RetryableThrowables(retryOn, types);
    }

    /** Whether the throwable is worth a retry. */
    public boolean matches(Throwable thrown) {
        if (retryOn.isEmpty() && neverOn.isEmpty()) {
            return true;
        }
        Throwable link = unwrap(thrown);
        for (int depth = 0; link != null && depth < DEPTH; depth++) {
            Boolean verdict = verdictOn(link.getClass());
            if (verdict != null) {
                return verdict;
            }
            link = link.getCause();
        }
        return retryOn.isEmpty();
    }

    /** The throwable without the wrappers that futures and reflection put around it. */
    public static Throwable unwrap(Throwable thrown) {
        Throwable inner = thrown;
        for (int depth = 0; depth < DEPTH && isWrapper(inner); depth++) {
            Throwable cause = inner.getCause();
            if (cause == null) {
                return inner;
            }
            inner = cause;
        }
        return inner;
    }

    private static boolean isWrapper(Throwable thrown) {
        return thrown instanceof CompletionException
                || thrown instanceof ExecutionException
                || thrown instanceof InvocationTargetException
                || thrown instanceof UndeclaredThrowableException;
    }

    private @Nullable Boolean verdictOn(Class<?> type) {
        for (Class<?> ancestor = type; ancestor != null; ancestor = ancestor.getSuperclass()) {
            if (neverOn.contains(ancestor)) {
                return false;
            }
            if (retryOn.contains(ancestor)) {
                return true;
            }
        }
        return null;
    }
}
