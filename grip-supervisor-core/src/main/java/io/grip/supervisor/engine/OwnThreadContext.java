package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The context of an attempt on a thread of its own. Safe for use by any thread.
 */
final class OwnThreadContext implements ExecutionContext, Timed, LeftThread, Member {

    private final Engine engine;
    private final RunContext run;
    private final int attempt;
    private final Limits limits = new Limits();
    private final PermitShare permit;

    /** Publishes a cancel of this attempt. */
    private volatile boolean cancelled;

    /** Publishes that the attempt has begun to deliver. */
    private volatile boolean committed;

    /** Publishes that the caller has left, and why; it does not change after that. */
    private volatile @Nullable EndReason leftBecause;

    OwnThreadContext(Engine engine, Progress<?> progress, PermitShare permit) {
        this.engine = engine;
        this.run = progress.context();
        this.attempt = progress.attempt();
        this.permit = permit;
        limits.setFor(progress.start(), engine);
    }

    boolean wasLeft() {
        return leftBecause != null;
    }

    /** Whether the attempt was cancelled, by itself or from above. */
    boolean wasCancelled() {
        return cancelled || run.isUnwanted();
    }

    boolean isCommitted() {
        return committed;
    }

    EndReason limitPassed() {
        return limits.passed(time());
    }

    /** Why the caller has left; {@link EndReason#NONE} if it has not, or for a reason of its own. */
    EndReason reasonForLeaving() {
        EndReason reason = leftBecause;
        return reason == null ? EndReason.NONE : reason;
    }

    private EndReason reasonToLeave() {
        return limits.whyDue(cancelled, run, engine);
    }

    @Override
    public void left(Thread thread) {
        leftBecause = reasonToLeave();
        engine.abandoned().watch(permit, thread);
    }

    @Override
    public void ended() {
        engine.abandoned().ended(permit);
        permit.letGo();
    }

    @Override
    public void lateValue() {
        engine.observers().count(Telemetry::lateResult);
    }

    @Override
    public void cancel() {
        cancelled = true;
        Lookout.lookAtAll();
    }

    @Override
    public boolean isCancelled() {
        return wasLeft() || reasonToLeave() != EndReason.NONE;
    }

    @Override
    public Optional<Duration> remaining() {
        return limits.remaining(time());
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public void commit() {
        committed = true;
        limits.commit();
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
        return run;
    }
}
