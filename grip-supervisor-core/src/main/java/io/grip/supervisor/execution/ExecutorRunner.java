package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/**
 * Where tasks are called: the one thing a supervisor depends on, and the only place from which a task is ever called.
 *
 * <p>A runner calls the task at most once, on any thread, and reports the value or the throwable; the engine
 * classifies the throwable by itself and takes no counts or times from the report. A runner that knows better reports
 * {@link FailureKind#CONTEXT_CANCELLED}, {@link FailureKind#SHUTDOWN} or {@link FailureKind#REJECTED}, which stand. One
 * that throws or returns null has failed the attempt with {@link FailureKind#PANIC}.
 *
 * <p>The thread inside {@link #execute} is interrupted past a limit, except under {@link #ownThread()}.
 * Implementations are safe for use by any thread.
 */
@FunctionalInterface
public interface ExecutorRunner {

    /**
     * Makes one attempt, and returns when it is over.
     *
     * @param context the context of the attempt, to be handed to the task
     * @param execution what the attempt is part of
     * @param task what to call
     * @return {@link Result#success} or {@link Result#failure}
     */
    <T extends @Nullable Object> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task);

    /**
     * The default: calls the task on the thread it is asked on, so that transactions, security, logging and request
     * scope hold.
     */
    static ExecutorRunner callerThread() {
        return CallerThreadRunner.INSTANCE;
    }

    /**
     * Gives each attempt a thread of its own, virtual where the JVM has them, and never interrupts the caller's: past a
     * limit the caller leaves at once and the attempt's thread is interrupted. One that lives on for more than a second
     * after its interrupt is abandoned: counted, listed, and its permit stays with it until it ends.
     */
    static ExecutorRunner ownThread() {
        return OwnThreadRunner.INSTANCE;
    }
}
