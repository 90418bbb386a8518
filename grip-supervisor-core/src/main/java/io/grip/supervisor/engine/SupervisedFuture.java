package io.grip.supervisor.engine;

import io.grip.supervisor.execution.Result;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The future that users hold: whoever completes it in the place of the execution, in any of the many ways a
 * {@link CompletableFuture} has, has said that the execution is no longer wanted. Safe for use by any thread.
 */
final class SupervisedFuture<T extends @Nullable Object> extends CompletableFuture<Result<T>> {

    private final AsyncRun<T> run;

    SupervisedFuture(AsyncRun<T> run) {
        this.run = run;
    }

    /** Completes the future with its own result, unless somebody was quicker; dependents run on this thread. */
    void handOut(Result<T> result) {
        super.complete(result);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return told(super.cancel(mayInterruptIfRunning));
    }

    @Override
    public boolean complete(Result<T> value) {
        return told(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return told(super.completeExceptionally(failure));
    }

    /** {@inheritDoc} Written anew because the inherited one completes without a word to this class. */
    @Override
    public CompletableFuture<Result<T>> completeAsync(Supplier<? extends Result<T>> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable thrown) {
                completeExceptionally(thrown);
            }
        });
        return this;
    }

    @Override
    public CompletableFuture<Result<T>> completeAsync(Supplier<? extends Result<T>> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public void obtrudeValue(Result<T> value) {
        super.obtrudeValue(value);
        run.abandoned();
    }

    @Override
    public void obtrudeException(Throwable failure) {
        super.obtrudeException(failure);
        run.abandoned();
    }

    /** What is derived from the future is a plain one: cancelling that is no word on the execution. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    private boolean told(boolean bySomebodyElse) {
        if (bySomebodyElse) {
            run.abandoned();
        }
        return bySomebodyElse;
    }
}
