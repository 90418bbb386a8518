package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Result;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * Calls of a method that returns a stage, on a thread that {@code @Async} has given to the call and that waits for the
 * stage in any case. All attempts are made on this thread: were they to wait for a thread of the same pool, a pool full
 * of such calls would wait for itself.
 */
final class AwaitedStageCall implements SupervisedCall {

    private final Supervisor supervisor;
    private final @Nullable Fallback fallback;

    AwaitedStageCall(Supervisor supervisor, @Nullable Fallback fallback) {
        this.supervisor = supervisor;
        this.fallback = fallback;
    }

    @Override
    public CompletionStage<@Nullable Object> call(ProxyMethodInvocation invocation) {
        Attempts attempts = Attempts.straight(invocation);
        Result<@Nullable Object> result = supervisor.run(
                context -> await(StageCall.stage(attempts.run(context)).toCompletableFuture()));
        Throwable cause = result.cause();
        if (cause == null) {
            return CompletableFuture.completedFuture(result.value());
        }
        return fallback != null && Fallback.answersFor(result)
                ? answer(fallback, invocation, cause)
                : CompletableFuture.failedFuture(cause);
    }

    private static <T extends @Nullable Object> T await(CompletableFuture<T> stage) throws Exception {
        try {
            return stage.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            throw cause != null ? Attempts.<Exception>asUnchecked(cause) : failed;
        } catch (InterruptedException interrupted) {
            stage.cancel(true);
            throw interrupted;
        }
    }

    private static CompletionStage<@Nullable Object> answer(
            Fallback fallback, ProxyMethodInvocation invocation, Throwable cause) {
        try {
            return StageCall.stage(fallback.answer(invocation, cause));
        } catch (Throwable thrown) {
            return CompletableFuture.failedFuture(thrown);
        }
    }
}
