package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Task;
import org.jspecify.annotations.Nullable;

/**
 * A task in the hands of a runner that is not ours and may call it on any thread: notes what it throws on another than
 * the caller's, since an interrupt of that thread is none of the caller's. Called by one thread, asked by the caller's.
 */
final class ObservedTask<T extends @Nullable Object> implements Task<T> {

    private final Task<T> task;
    private final Thread caller = Thread.currentThread();

    /** Publishes what it threw to the caller, however the runner may have brought it there. */
    private volatile @Nullable Throwable thrownElsewhere;

    ObservedTask(Task<T> task) {
        this.task = task;
    }

    @Override
    public T run(ExecutionContext context) throws Exception {
        try {
            return task.run(context);
        } catch (Throwable thrown) {
            if (Thread.currentThread() != caller) {
                thrownElsewhere = thrown;
            }
            throw thrown;
        }
    }

    /** Whether a throwable is, or has among its causes, what the task threw on another thread. */
    boolean hasThrownElsewhere(Throwable reported) {
        Throwable elsewhere = thrownElsewhere;
        return elsewhere != null && Causes.anyOf(reported, link -> link == elsewhere);
    }
}
