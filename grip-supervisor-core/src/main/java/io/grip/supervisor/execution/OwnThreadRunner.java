package io.grip.supervisor.execution;

import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives each attempt a thread of its own; obtained from {@link ExecutorRunner#ownThread()}. The caller waits until the
 * attempt has ended, its context is cancelled, or it is interrupted itself; in the latter cases it leaves. Stateless;
 * safe for any thread.
 */
public final class OwnThreadRunner implements ExecutorRunner {

    static final OwnThreadRunner INSTANCE = new OwnThreadRunner();

    private OwnThreadRunner() {}

    /**
     * {@inheritDoc}
     *
     * @return the attempt's report; {@link FailureKind#CONTEXT_CANCELLED} if the caller left before it ended, with the
     *     caller's interrupt flag as it was found
     */
    @Override
    public <T extends @Nullable Object> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
        OwnThreadAttempt<T> attempt = new OwnThreadAttempt<>(context, task);
        start(attempt, execution, context);
        await(attempt, context);
        Result<T> report = attempt.leave();
        return report != null ? report : Result.failure(FailureKind.CONTEXT_CANCELLED, reasonForLeaving());
    }

    private static void start(OwnThreadAttempt<?> attempt, Execution execution, ExecutionContext context) {
        try {
            attempt.start("grip-" + execution.name());
        } catch (Throwable noThread) {
            if (context instanceof LeftThread watcher) {
                watcher.ended();
            }
            throw noThread;
        }
    }

    /** In turns, since an attempt that commits has lost its nearer limit meanwhile. */
    private static void await(OwnThreadAttempt<?> attempt, ExecutionContext context) {
        TimeSource time = context instanceof Timed timed ? timed.time() : TimeSource.system();
        BooleanSupplier over = () -> attempt.isOver() || context.isCancelled();
        while (!over.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            ThreadSlot.current().await(time, limitOf(context, time), over);
        }
    }

    private static @Nullable Long limitOf(ExecutionContext context, TimeSource time) {
        Optional<Duration> left = context.remaining();
        return left.isPresent() ? Long.valueOf(Nanos.after(time.nanoTime(), left.get())) : null;
    }

    private static Throwable reasonForLeaving() {
        return Thread.currentThread().isInterrupted()
                ? new InterruptedException("interrupted while waiting for an attempt on a thread of its own")
                : new CancellationException("the attempt's context was cancelled");
    }
}
