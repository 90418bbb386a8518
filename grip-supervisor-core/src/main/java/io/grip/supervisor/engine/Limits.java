package io.grip.supervisor.engine;

import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two limits of an attempt as points in time: the deadline of its execution, and its own timeout until it commits.
 * Written by the owner before the attempt is published; {@link #commit} may come from any thread.
 */
final class Limits {

    /** Those of whoever has none; never changed. */
    static final Limits NONE = new Limits();

    private boolean hasDeadline;
    private long deadline;

    /** Whether the timeout holds; volatile because the task's threads end it while the watchdog reads it. */
    private volatile boolean hasTimeout;

    private long timeout;

    /** Starts over without limits. */
    void clear() {
        hasDeadline = false;
        commit();
    }

    void deadlineAt(long at) {
        deadline = at;
        hasDeadline = true;
    }

    void timeoutAt(long at) {
        timeout = at;
        if (!hasTimeout) {
            hasTimeout = true;
        }
    }

    /** The limits of an attempt that begins now, within an execution. */
    void setFor(RunContext run) {
        clear();
        Long end = run.deadline();
        if (end != null) {
            deadlineAt(end);
        }
        if (run.rules().hasAttemptTimeout()) {
            timeoutAt(run.time().nanoTime() + run.rules().attemptTimeout());
        }
    }

    /** Asks for a look at the nearer limit, if there is one. */
    void watchWith(Watchdog watchdog) {
        if (hasTimeout) {
            watchdog.watch(hasDeadline ? Nanos.earlier(deadline, timeout) : timeout);
        } else if (hasDeadline) {
            watchdog.watch(deadline);
        }
    }

    /**
     * The timeout holds no longer. Writes nothing where there is none: {@link #NONE} is everybody's, and a volatile is dear.
     */
    void commit() {
        if (hasTimeout) {
            hasTimeout = false;
        }
    }

    boolean any() {
        return hasDeadline || hasTimeout;
    }

    /** Which limit has passed; of two, the nearer decides, and a tie is the deadline. */
    EndReason passed(TimeSource time) {
        return any() ? passedAt(time.nanoTime()) : EndReason.NONE;
    }

    EndReason passedAt(long now) {
        boolean overDeadline = hasDeadline && !Nanos.isBefore(now, deadline);
        boolean overTimeout = hasTimeout && !Nanos.isBefore(now, timeout);
        if (overDeadline && !(overTimeout && Nanos.isBefore(timeout, deadline))) {
            return EndReason.DEADLINE;
        }
        return overTimeout ? EndReason.ATTEMPT_TIMEOUT : EndReason.NONE;
    }

    /**
     * Why an attempt with these limits should end now. What was asked for comes before what the clock says, and that
     * before the parents, whose time is over at the same moment where they have lent theirs.
     *
     * @param cancelled whether the attempt itself was cancelled
     */
    EndReason whyDue(boolean cancelled, @Nullable RunContext run, Engine engine) {
        if (cancelled || run != null && run.wasCancelled()) {
            return EndReason.CANCEL;
        }
        EndReason passed = passed(engine.time());
        if (passed != EndReason.NONE) {
            return passed;
        }
        if (run != null && run.isUnwanted()) {
            return EndReason.CANCEL;
        }
        return engine.isInterrupting() ? EndReason.SHUTDOWN : EndReason.NONE;
    }

    /** The nearer limit, or null if there is none. */
    @Nullable
    Long nearest() {
        if (hasDeadline && hasTimeout) {
            return Nanos.earlier(deadline, timeout);
        }
        return hasDeadline ? Long.valueOf(deadline) : hasTimeout ? Long.valueOf(timeout) : null;
    }

    Optional<Duration> remaining(TimeSource time) {
        Long nearest = nearest();
        return nearest == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, nearest - time.nanoTime())));
    }
}
