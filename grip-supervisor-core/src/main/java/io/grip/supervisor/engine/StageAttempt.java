package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt whose value comes later: its context, and while the task's synchronous part runs, the frame of that part.
 * Safe for use by any thread; which of its possible ends counts is decided by its {@link AsyncRun}.
 */
final class StageAttempt<T extends @Nullable Object> extends Frame
        implements ExecutionContext, Timed, LeftThread, Member {

    private final Engine engine;
    private final RunContext run;
    private final int attempt;
    private final Limits limits = new Limits();
    final long startedAt;

    /** Why the synchronous part's thread was interrupted. Written under the claim, read after the handshake. */
    private EndReason reason = EndReason.NONE;

    /** Publishes a cancel of this attempt. */
    private volatile boolean cancelled;

    /** Publishes that the attempt has begun to deliver. */
    private volatile boolean committed;

    /** Publishes that the attempt is over, or was left behind. */
    private volatile boolean over;

    /** What is to be cancelled when the attempt is left; written before the attempt is published by its run. */
    @Nullable
    CompletionStage<T> stage;

    /** The permit, where a thread of its own holds it too; null elsewhere. */
    @Nullable
    PermitShare sharedPermit;

    /** Whether the run has let go of the shared permit; its owner's. */
    boolean hasLetGo;

    /** Called off when the attempt ends; written and read by whoever owns the run. */
    TimeSource.@Nullable Timer limitTimer;

    /** The thread that starts the attempt, until it has started; a stage that is complete at once is noticed by it. */
    @Nullable
    Thread startingThread = Thread.currentThread();

    /** What the stage brought while the attempt was being started; seen by the starting thread only. */
    @Nullable
    Attempt<T> completedAtOnce;

    StageAttempt(Engine engine, Progress<T> progress, long startedAt) {
        this.engine = engine;
        this.run = progress.context();
        this.attempt = progress.attempt();
        this.startedAt = startedAt;
        limits.setFor(progress.start(), engine);
    }

    Limits limits() {
        return limits;
    }

    boolean isCommitted() {
        return committed;
    }

    EndReason reason() {
        return reason;
    }

    boolean wasCancelled() {
        return cancelled || run.isUnwanted();
    }

    /** Why it should be ended now; {@link EndReason#NONE} if it should not. */
    EndReason whyDue() {
        if (wasCancelled()) {
            return EndReason.CANCEL;
        }
        return engine.isInterrupting() ? EndReason.SHUTDOWN : limits.passed(time());
    }

    void finish() {
        over = true;
    }

    @Override
    public Object context() {
        return this;
    }

    @Override
    protected boolean isDue() {
        if (engine.runsOnOwnThread()) {
            return false;
        }
        reason = whyDue();
        return reason != EndReason.NONE;
    }

    @Override
    protected @Nullable Long nextDue() {
        return limits.nearest();
    }

    @Override
    public void left(Thread thread) {
        if (sharedPermit != null) {
            engine.abandoned().watch(sharedPermit, thread);
        }
    }

    @Override
    public void ended() {
        if (sharedPermit != null) {
            engine.abandoned().ended(sharedPermit);
            sharedPermit.letGo();
        }
    }

    @Override
    public void lateValue() {
        engine.observers().count(Telemetry::lateResult);
    }

    @Override
    protected Watchdog watchdog() {
        return engine.watchdog();
    }

    @Override
    public void cancel() {
        if (!over) {
            cancelled = true;
            Lookout.lookAtAll();
        }
    }

    @Override
    public boolean isCancelled() {
        return over || whyDue() != EndReason.NONE;
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
