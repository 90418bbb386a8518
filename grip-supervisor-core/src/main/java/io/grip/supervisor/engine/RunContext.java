package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The context of a whole execution: what its hooks see, and the parent of its attempts' contexts. */
final class RunContext implements ExecutionContext, Timed, Member {

    private final Engine engine;
    private final ExecutionContext parent;
    private final @Nullable Long deadline;

    /** Publishes that somebody has called {@link #cancel()}; never goes back. */
    private volatile boolean cancelled;

    RunContext(Engine engine, ExecutionContext parent, @Nullable Long deadline) {
        this.engine = engine;
        this.parent = parent;
        this.deadline = deadline;
    }

    /** Whether the execution was cancelled, by itself or from above; its own deadline is another matter. */
    boolean isUnwanted() {
        return cancelled || parent.isCancelled();
    }

    /** Whether it was cancelled by itself. */
    boolean wasCancelled() {
        return cancelled;
    }

    /** Why the execution should not go on, be it in an attempt or in a wait. */
    EndReason whyUnwanted() {
        if (cancelled) {
            return EndReason.CANCEL;
        }
        if (isOverdue()) {
            return EndReason.DEADLINE;
        }
        return parent.isCancelled() ? EndReason.CANCEL : EndReason.NONE;
    }

    private boolean isOverdue() {
        return deadline != null && !Nanos.isBefore(time().nanoTime(), deadline);
    }

    /** As {@link #cancel}, for one who sees to it that the execution notices. */
    void markCancelled() {
        cancelled = true;
    }

    @Override
    public void cancel() {
        markCancelled();
        Lookout.lookAtAll();
    }

    @Override
    public boolean isCancelled() {
        return whyUnwanted() != EndReason.NONE;
    }

    @Override
    public Optional<Duration> remaining() {
        return deadline == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, deadline - time().nanoTime())));
    }

    @Override
    public int attempt() {
        return 0;
    }

    @Override
    public void commit() {
        // Between attempts there is nothing that has begun to deliver.
    }

    @Override
    public TimeSource time() {
        return engine.time();
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Object root() {
        return this;
    }
}
