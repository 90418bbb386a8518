package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Result;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/** Calls of a method that returns a stage: each is one execution, of which the stage returned is the handle. */
final class StageCall implements SupervisedCall {

    private final Supervisor supervisor;
    private final @Nullable Fallback fallback;

    StageCall(Supervisor supervisor, @Nullable Fallback fallback) {
        this.supervisor = supervisor;
        this.fallback = fallback;
    }

    @Override
    public CompletableFuture<@Nullable Object> call(ProxyMethodInvocation invocation) {
        Attempts attempts = Attempts.straight(invocation);
        return new Handle(supervisor.runAsync(context -> stage(attempts.run(context))), fallback, invocation).start();
    }

    @SuppressWarnings("unchecked") // the return type of the method, or of its fallback
    static CompletionStage<@Nullable Object> stage(@Nullable Object returned) {
        return (CompletionStage<@Nullable Object>)
                Objects.requireNonNull(returned, "null instead of a CompletionStage");
    }

    /**
     * What the caller gets: the value or the failure of the execution. Completing it in any other way - cancelling it,
     * a timeout put on it - cancels the execution before that returns. Safe for use by any thread.
     */
    private static final class Handle extends CompletableFuture<@Nullable Object> {

        private final CompletableFuture<Result<@Nullable Object>> execution;
        private final @Nullable Fallback fallback;
        private final ProxyMethodInvocation invocation;

        Handle(
                CompletableFuture<Result<@Nullable Object>> execution,
                @Nullable Fallback fallback,
                ProxyMethodInvocation invocation) {
            this.execution = execution;
            this.fallback = fallback;
            this.invocation = invocation;
        }

        Handle start() {
            whenComplete((value, failure) -> execution.cancel(true));
            execution.whenComplete((result, cancelled) -> {
                if (result == null) {
                    completeExceptionally(new CancellationException());
                } else {
                    complete(result);
                }
            });
            return this;
        }

        private void complete(Result<@Nullable Object> result) {
            Throwable cause = result.cause();
            if (cause == null) {
                complete(result.value());
            } else if (fallback != null && Fallback.answersFor(result) && !isDone()) {
                completeWith(fallback, cause);
            } else {
                completeExceptionally(cause);
            }
        }

        private void completeWith(Fallback fallback, Throwable cause) {
            try {
                CompletableFuture<@Nullable Object> answer =
                        stage(fallback.answer(invocation, cause)).toCompletableFuture();
                whenComplete((value, failure) -> answer.cancel(true));
                answer.whenComplete((value, failure) -> {
                    if (failure == null) {
                        complete(value);
                    } else {
                        completeExceptionally(failure);
                    }
                });
            } catch (Throwable thrown) {
                completeExceptionally(thrown);
            }
        }
    }
}
