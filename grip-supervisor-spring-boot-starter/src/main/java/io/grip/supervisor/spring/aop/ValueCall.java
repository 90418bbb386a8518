package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import java.lang.reflect.Method;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.util.ReflectionUtils;

/** Calls of a method whose outcome is there when it returns. */
final class ValueCall implements SupervisedCall {

    private final Supervisor supervisor;
    private final @Nullable Fallback fallback;
    private final boolean declaresInterruptedException;

    ValueCall(Supervisor supervisor, Method method, @Nullable Fallback fallback) {
        this.supervisor = supervisor;
        this.fallback = fallback;
        this.declaresInterruptedException = ReflectionUtils.declaresException(method, InterruptedException.class);
    }

    @Override
    public @Nullable Object call(ProxyMethodInvocation invocation) throws Throwable {
        Attempts attempts = Attempts.straight(invocation);
        try {
            return fallback == null ? supervisor.call(attempts) : callOrFallBack(fallback, attempts, invocation);
        } catch (InterruptedException interrupted) {
            throw declaresInterruptedException ? interrupted : cancelled(interrupted);
        }
    }

    private @Nullable Object callOrFallBack(Fallback fallback, Attempts attempts, ProxyMethodInvocation invocation)
            throws Throwable {
        Result<@Nullable Object> result = supervisor.run(attempts);
        Throwable cause = result.cause();
        if (cause != null && Fallback.answersFor(result)) {
            return fallback.answer(invocation, cause);
        }
        if (cause != null && isByInterrupt(result, cause) && Thread.interrupted()) {
            // The run has left the flag to its caller; an exception stands for it from here on, as it does for a call.
            throw asInterrupted(cause);
        }
        return result.orElseThrow();
    }

    /** Whether a set flag explains the result; a cancelled context explains itself. */
    private static boolean isByInterrupt(Result<?> result, Throwable cause) {
        return result.failure() == FailureKind.CONTEXT_CANCELLED && !(cause instanceof CancellationException);
    }

    private static InterruptedException asInterrupted(Throwable cause) {
        if (cause instanceof InterruptedException interrupted) {
            return interrupted;
        }
        InterruptedException interrupted = new InterruptedException(cause.toString());
        interrupted.initCause(cause);
        return interrupted;
    }

    private static CancellationException cancelled(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException(interrupted.getMessage());
        cancelled.initCause(interrupted);
        return cancelled;
    }
}
