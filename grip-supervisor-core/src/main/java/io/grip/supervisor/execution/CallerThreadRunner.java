package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/**
 * Calls the task on the thread it is asked on; obtained from {@link ExecutorRunner#callerThread()}. Stateless; safe for
 * any thread.
 */
public final class CallerThreadRunner implements ExecutorRunner {

    static final CallerThreadRunner INSTANCE = new CallerThreadRunner();

    private CallerThreadRunner() {}

    /** The one there is. */
    public static CallerThreadRunner instance() {
        return INSTANCE;
    }

    @Override
    public <T extends @Nullable Object> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
        return report(context, task);
    }

    /**
     * Makes one attempt as {@link #execute} does, for those who take value and throwable as they come and have no use
     * for a {@link Result} around them.
     *
     * @throws Exception what the task throws, an {@code Error} too
     */
    public <T extends @Nullable Object> T call(ExecutionContext context, Task<T> task) throws Exception {
        return task.run(context);
    }

    static <T extends @Nullable Object> Result<T> report(ExecutionContext context, Task<T> task) {
        try {
            return Result.success(task.run(context));
        } catch (Throwable thrown) {
            return Result.failure(thrown instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR, thrown);
        }
    }
}
