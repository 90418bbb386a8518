package io.grip.supervisor.execution;

import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** A context with a limit of its own below a parent, which it asks and is never registered with. */
final class TimedContext implements ExecutionContext, Timed {

    private final ExecutionContext parent;
    private final TimeSource time;
    private final long limit;

    /** Publishes that somebody has called {@link #cancel()}; never goes back. */
    private volatile boolean cancelled;

    private TimedContext(ExecutionContext parent, TimeSource time, long limit) {
        this.parent = parent;
        this.time = time;
        this.limit = limit;
    }

    /** A child of a context, on the parent's clock where it has one. */
    static ExecutionContext within(ExecutionContext parent, Duration timeout) {
        if (Objects.requireNonNull(timeout, "timeout").isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero, but is " + timeout);
        }
        TimeSource time = parent instanceof Timed timed ? timed.time() : TimeSource.system();
        return new TimedContext(parent, time, Nanos.after(time.nanoTime(), timeout));
    }

    @Override
    public void cancel() {
        cancelled = true;
        Lookout.lookAtAll();
    }

    @Override
    public boolean isCancelled() {
        return cancelled || !Nanos.isBefore(time.nanoTime(), limit) || parent.isCancelled();
    }

    @Override
    public Optional<Duration> remaining() {
        Duration own = Duration.ofNanos(Math.max(0, limit - time.nanoTime()));
        return Optional.of(
                parent.remaining().filter(left -> left.compareTo(own) < 0).orElse(own));
    }

    @Override
    public int attempt() {
        return parent.attempt();
    }

    @Override
    public void commit() {
        parent.commit();
    }

    @Override
    public TimeSource time() {
        return time;
    }
}
