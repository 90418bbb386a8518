package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;

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

    /** Publishes that the caller has left while the thread was still at it. */
    private volatile boolean left;

    /** Publishes that the attempt was left behind: it has failed, or its caller has left. */
    private volatile boolean behind;

    /**
     * Publishes why the attempt should end, as soon as anybody has found out; it does not change after that, so that the
     * caller which leaves, and the attempt that commits a moment later, do not tell two stories. Written under the
     * monitor.
     */
    private volatile EndReason due = EndReason.NONE;

    OwnThreadContext(Engine engine, Progress<?> progress, PermitShare permit) {
        this.engine = engine;
        this.run = progress;
        this.attempt = progress.attemptNumber();
        this.permit = permit;
        limits.setFor(progress);
    }

    boolean wasLeft() {
        return left;
    }

    /** Called by the caller when the attempt has not succeeded. */
    void leaveBehind() {
        behind = true;
    }

    /** Whether the attempt itself was cancelled. */
    boolean wasCancelledItself() {
        return cancelled;
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

    /** Why it should not even begin; its own timeout is no reason for that. */
    EndReason whyUnwanted() {
        EndReason reason = limits.whyDue(cancelled, run, engine);
        return reason == EndReason.ATTEMPT_TIMEOUT ? EndReason.NONE : reason;
    }

    /** Why the caller has left; {@link EndReason#NONE} if it was for a reason of its own. */
    EndReason reasonForLeaving() {
        return due;
    }

    private EndReason whyDue() {
        return due != EndReason.NONE ? due : settle(limits.whyDue(cancelled, run, engine));
    }

    private synchronized EndReason settle(EndReason found) {
        if (due == EndReason.NONE) {
            due = found;
        }
        return due;
    }

    @Override
    public void left(Thread thread) {
        whyDue();
        left = true;
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
        return behind || left || whyDue() != EndReason.NONE;
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
