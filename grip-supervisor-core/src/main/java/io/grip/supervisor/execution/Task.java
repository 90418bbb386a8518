package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/**
 * The user's code: one unit of work that returns a value or throws. It is called anew for each attempt.
 *
 * @param <T> the type of its value
 */
@FunctionalInterface
public interface Task<T extends @Nullable Object> {

    /**
     * Does the work, on the thread that the {@link ExecutorRunner} chose. Past a limit that thread is interrupted, so a
     * task that blocks should let {@link InterruptedException} through, and one that computes should ask
     * {@link ExecutionContext#isCancelled()} now and then.
     *
     * @param context the context of this attempt
     * @return the value
     * @throws Exception whatever went wrong; it is classified as {@link FailureKind} says
     */
    T run(ExecutionContext context) throws Exception;
}
