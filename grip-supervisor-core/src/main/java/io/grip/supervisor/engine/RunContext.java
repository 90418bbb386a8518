package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.Alarm;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The context of a whole execution: what its hooks see, and the parent of its attempts' contexts.
 *
 * <p>It is an alarm because an execution waits for one point in time at the most, and is all there is of it meanwhile:
 * with a million of them in backoff, each object more is one that a million times is paid for.
 */
abstract class RunContext extends Alarm implements ExecutionContext, Timed, Member {

    private final Rules rules;

    /**
     * What few executions have; null as long as this one has nothing of it. Written by the owner; volatile because whoever
     * abandons the future looks for a permit there after it has cancelled, while the owner first puts it there.
     */
    private volatile @Nullable Extras extras;

    /** Publishes that somebody has called {@link #cancel()}; never goes back. */
    private volatile boolean cancelled;

    RunContext(ExecutionContext parent, Start start) {
        this.rules = start.rules();
        this.extras = parent == ExecutionContext.background() && start.deadline() == null
                ? null
                : new Extras(parent, start.deadline(), start.limit());
    }

    /** What is in force for the execution, whatever comes into force later. */
    final Rules rules() {
        return rules;
    }

    /** Called by any thread: the deadline as a point in time, null for none. */
    final @Nullable Long deadline() {
        Extras some = extras;
        return some == null ? null : some.deadline;
    }

    /** Called by any thread: whether its attempts have a limit in time. */
    final boolean hasLimits() {
        return deadline() != null || rules.hasAttemptTimeout();
    }

    /** What there is of it. */
    final @Nullable Extras extrasIfAny() {
        return extras;
    }

    /** Called by the owner, who has something to put there. */
    final Extras extras() {
        Extras some = extras;
        if (some == null) {
            some = new Extras(ExecutionContext.background(), null, null);
            extras = some;
        }
        return some;
    }

    /** Whether the execution was cancelled, by itself or from above; its own deadline is another matter. */
    final boolean isUnwanted() {
        return cancelled || isParentCancelled();
    }

    /** Whether it was cancelled by itself. */
    final boolean wasCancelled() {
        return cancelled;
    }

    /** Why the execution should not go on, be it in an attempt or in a wait. */
    final EndReason whyUnwanted() {
        if (cancelled) {
            return EndReason.CANCEL;
        }
        if (isOverdue()) {
            return EndReason.DEADLINE;
        }
        return isParentCancelled() ? EndReason.CANCEL : EndReason.NONE;
    }

    private boolean isParentCancelled() {
        Extras some = extras;
        return some != null && some.parent.isCancelled();
    }

    private boolean isOverdue() {
        Long deadline = deadline();
        return deadline != null && !Nanos.isBefore(time().nanoTime(), deadline);
    }

    /** As {@link #cancel}, for one who sees to it that the execution notices. */
    final void markCancelled() {
        cancelled = true;
    }

    @Override
    public final void cancel() {
        markCancelled();
        Lookout.lookAtAll();
    }

    @Override
    public final boolean isCancelled() {
        return whyUnwanted() != EndReason.NONE;
    }

    @Override
    public final Optional<Duration> remaining() {
        Long deadline = deadline();
        return deadline == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, deadline - time().nanoTime())));
    }

    @Override
    public final int attempt() {
        return 0;
    }

    @Override
    public final void commit() {
        // Between attempts there is nothing that has begun to deliver.
    }

    @Override
    public final TimeSource time() {
        return engine().time();
    }

    @Override
    public final Engine engine() {
        return rules.engine();
    }

    @Override
    public final Object root() {
        return this;
    }
}
