package io.grip.supervisor.engine;

import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.ExecutionContext;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A task together with what the caller's thread carried when it was handed in.
 *
 * @param task the task by itself
 * @param captured what is put in place around it on another thread
 */
record Carried<T extends @Nullable Object>(AsyncTask<T> task, ContextCarrier.Captured captured)
        implements AsyncTask<T> {

    @Override
    public CompletionStage<T> run(ExecutionContext context) throws Exception {
        return captured.call(() -> task.run(context));
    }
}
