package io.grip.supervisor.execution;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The user's code where it answers later: it starts the work and returns the stage that will carry its value or
 * failure. It is called anew for each attempt.
 *
 * @param <T> the type of its value
 */
@FunctionalInterface
public interface AsyncTask<T extends @Nullable Object> {

    /**
     * Starts the work. Throwing, or returning null, fails this attempt like a stage that completes exceptionally.
     *
     * @param context the context of this attempt, valid until its stage is complete
     * @return the stage of this attempt; past a limit it is cancelled where it is a {@code CompletableFuture}
     * @throws Exception whatever went wrong while starting
     */
    CompletionStage<T> run(ExecutionContext context) throws Exception;
}
