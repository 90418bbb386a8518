package io.grip.supervisor.engine;

import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt whose value comes later: its context; while the task's synchronous part runs, the frame of that part; then
 * the wait for its stage. Safe for use by any thread; of its possible ends, the one that seizes the run counts.
 */
final class StageAttempt<T extends @Nullable Object> extends Frame
        implements ExecutionContext, Timed, LeftThread, Member, Wait {

    private enum State {
        RUNNING,
        /** What it has started may go on. */
        SUCCEEDED,
        /** It has failed or was left behind, and with it what it has started. */
        LEFT
    }

    private final AsyncRun<T> run;
    private final int attempt;
    private final Limits limits = new Limits();
    private final long startedAt;

    /**
     * Why the synchronous part's thread was interrupted: written under the claim, read after the handshake. With a
     * thread of its own, why the caller left that: written and read by the caller.
     */
    private EndReason reason = EndReason.NONE;

    /** Publishes a cancel of this attempt. */
    private volatile boolean cancelled;

    /** Publishes that the attempt has begun to deliver. */
    private volatile boolean committed;

    private volatile State state = State.RUNNING;

    /**
     * What is to be cancelled when the attempt is left. Written by the thread of the synchronous part, before the run
     * is published as waiting for it, or before that same thread learns that it was left.
     */
    private @Nullable CompletionStage<T> stage;

    /** The permit, where a thread of its own holds it too; null elsewhere. Written before that thread starts. */
    private @Nullable PermitShare sharedPermit;

    /** Publishes the timer of the nearer limit to whoever ends the attempt. */
    private volatile TimeSource.@Nullable Timer limitTimer;

    /** The thread that starts the attempt, until it has started; a stage that is complete at once is noticed by it. */
    private @Nullable Thread startingThread = Thread.currentThread();

    /** How it ended while it was being started; seen by the starting thread only. */
    private @Nullable Attempt<T> endedAtOnce;

    StageAttempt(AsyncRun<T> run) {
        this.run = run;
        this.attempt = run.attemptNumber();
        this.startedAt = clock();
        limits.setFor(run);
    }

    // ---------------------------------------------------------------- the synchronous part

    /** Called by the owner inside the frame, which this leaves: has the task called, and finds out what came of it. */
    void start(ThreadSlot slot) {
        if (engine().runsOnOwnThread()) {
            sharedPermit = new PermitShare(run.admittedBy());
        }
        Result<CompletionStage<T>> report = null;
        Throwable thrown = null;
        boolean ours = false;
        try {
            limits.watchWith(engine().watchdog());
            report = Attempts.read(engine().runner().execute(this, run.executionForRunner(), starting()));
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            ours = slot.leave(this);
        }
        if (report == null || !report.isSuccess()) {
            endedAtOnce = notStarted(ours, report, thrown);
            return;
        }
        stage = report.value();
        if (stage == null) {
            endedAtOnce = failedWith(new IllegalStateException("the task returned null instead of a stage"));
        }
    }

    /** What the runner calls; on another thread, what the caller's carries has to be put in place. */
    private Task<CompletionStage<T>> starting() {
        AsyncTask<T> asked = run.task();
        Task<CompletionStage<T>> task = run.traced(asked::run);
        if (engine().runsOnOwnThread()) {
            return context -> {
                CompletionStage<T> brought = run.carried().call(() -> task.run(context));
                stage = brought;
                return brought;
            };
        }
        return run.isOnCallersThread() ? task : context -> run.carried().call(() -> task.run(context));
    }

    /** Whether it did not even get a stage, or got one that was complete at once; then {@link #next} ends it. */
    boolean hasEndedAtOnce() {
        return endedAtOnce != null;
    }

    /** There is no stage: the task threw, or the runner did, or left the thread that it had started. */
    private Attempt<T> notStarted(boolean ours, @Nullable Result<?> report, @Nullable Throwable thrown) {
        Throwable cause = report != null ? report.cause() : thrown;
        boolean fromOutside = !ours && outerInterrupted();
        boolean byInterrupt = !ours && !fromOutside && cause != null && isInterrupted(report, cause);
        if (fromOutside) {
            // The execution around it is interrupted, which what runs here must not make it forget.
            Thread.currentThread().interrupt();
        }
        if (hasLeftItsThread(report) && !fromOutside && !byInterrupt) {
            return left(reason);
        }
        return new Attempt<>(
                report == null || cause == null ? null : Result.failure(report.failure(), cause),
                thrown,
                ours ? reason : EndReason.NONE,
                fromOutside,
                byInterrupt,
                wasCancelled(),
                limits.passed(time()),
                committed);
    }

    /** Whether an interrupt of the caller's, by somebody else, was the end of the synchronous part. */
    private boolean isInterrupted(@Nullable Result<?> report, Throwable cause) {
        if (engine().runsOnOwnThread()) {
            return hasLeftItsThread(report) && Thread.currentThread().isInterrupted();
        }
        if (Classifier.speaksOfInterrupt(cause)) {
            // Whose thread it is, is not ours to know: its owner finds the flag as the interrupt had left it.
            Thread.currentThread().interrupt();
        }
        return run.isOnCallersThread() && Thread.currentThread().isInterrupted();
    }

    /** Whether the caller did not wait for the thread of the attempt's own: only that is reported like this. */
    private boolean hasLeftItsThread(@Nullable Result<?> report) {
        return engine().runsOnOwnThread() && report != null && report.failure() == FailureKind.CONTEXT_CANCELLED;
    }

    // ---------------------------------------------------------------- the wait for the stage

    @Override
    public boolean begin() {
        try {
            Objects.requireNonNull(stage, "an attempt that has not ended at once has a stage")
                    .whenComplete(this::completed);
        } catch (Throwable unusable) {
            if (run.seize(this)) {
                endedAtOnce = failedWith(unusable);
            }
        }
        startingThread = null;
        if (endedAtOnce != null) {
            return true;
        }
        watchLimit();
        return false;
    }

    @Override
    public Progress.Step next() {
        return ended(Objects.requireNonNull(endedAtOnce, "it has ended at once"));
    }

    @Override
    public Progress.Step failed(Throwable thrown) {
        cancelStage();
        return ended(new Attempt<>(
                null, thrown, EndReason.NONE, false, false, wasCancelled(), limits.passed(time()), committed));
    }

    /** Called by the thread that completes the stage, perhaps more than once, perhaps too late. */
    private void completed(T value, @Nullable Throwable failure) {
        if (!run.seize(this)) {
            if (failure == null) {
                countLateResult();
            }
        } else if (startingThread == Thread.currentThread()) {
            endedAtOnce = outcome(value, failure);
        } else {
            run.leaveCallersThread();
            run.own(() -> ended(outcome(value, failure)));
        }
    }

    private void watchLimit() {
        Long limit = limits.nearest();
        if (limit != null && run.waitsFor(this)) {
            TimeSource.Timer timer = time().schedule(limit, this::atLimit);
            limitTimer = timer;
            if (!run.waitsFor(this)) {
                timer.cancel();
            }
        }
    }

    private void atLimit() {
        EndReason due = whyDue();
        if (due != EndReason.NONE) {
            end(due);
        } else {
            // It has committed meanwhile, so the timeout is off; the deadline, if there is one, is later.
            watchLimit();
        }
    }

    /** {@inheritDoc} The permit goes back now, the rest happens on the executor. */
    @Override
    public void end(EndReason due) {
        if (run.seize(this)) {
            giveBackPermit();
            run.continueElsewhere(() -> {
                cancelStage();
                return ended(left(due));
            });
        }
    }

    /** As {@link #end}, but the stage is cancelled here and now, on the thread of whoever wants no more of it. */
    @Override
    public void abandon() {
        if (run.seize(this)) {
            giveBackPermit();
            cancelStage();
            run.continueElsewhere(() -> ended(left(EndReason.CANCEL)));
        }
    }

    private void cancelStage() {
        CompletionStage<T> unwanted = stage;
        if (unwanted != null) {
            try {
                unwanted.toCompletableFuture().cancel(true);
            } catch (Throwable refused) {
                // A stage that cannot be cancelled, or whose dependents throw on it, is left to itself: what it still
                // brings is late.
            }
        }
    }

    private Progress.Step ended(Attempt<T> ended) {
        state = ended.succeeded() ? State.SUCCEEDED : State.LEFT;
        TimeSource.Timer timer = limitTimer;
        if (timer != null) {
            timer.cancel();
        }
        giveBackPermit();
        return run.attemptEnded(ended, clock() - startedAt);
    }

    private void giveBackPermit() {
        if (sharedPermit == null) {
            run.giveBackPermit();
        } else if (run.takePermit()) {
            sharedPermit.letGo();
        }
    }

    private Attempt<T> outcome(T value, @Nullable Throwable failure) {
        if (failure != null) {
            return failedWith(unwrap(failure));
        }
        return new Attempt<>(
                Result.success(value), null, EndReason.NONE, false, false, false, EndReason.NONE, committed);
    }

    private Attempt<T> failedWith(Throwable cause) {
        return new Attempt<>(
                Result.failure(Outcomes.kindOf(cause), cause),
                null,
                EndReason.NONE,
                false,
                false,
                wasCancelled(),
                limits.passed(time()),
                committed);
    }

    private Attempt<T> left(EndReason due) {
        return new Attempt<>(null, null, due, false, false, true, EndReason.NONE, committed);
    }

    /** What a dependent stage puts around a failure is not part of it. */
    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? Causes.of(failure) : null;
        return cause != null ? cause : failure;
    }

    // ---------------------------------------------------------------- why it should end

    @Override
    public EndReason whyDue() {
        return limits.whyDue(cancelled, run, engine());
    }

    /** Why it should not even start; its own timeout is no reason for that. */
    EndReason whyUnwanted() {
        EndReason due = whyDue();
        return due == EndReason.ATTEMPT_TIMEOUT ? EndReason.NONE : due;
    }

    private boolean wasCancelled() {
        return cancelled || run.isUnwanted();
    }

    @Override
    protected boolean isDue() {
        if (engine().runsOnOwnThread()) {
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
    protected Watchdog watchdog() {
        return engine().watchdog();
    }

    // ---------------------------------------------------------------- the thread of its own, where it has one

    @Override
    public void left(Thread thread) {
        reason = whyDue();
        if (sharedPermit != null) {
            engine().abandoned().watch(sharedPermit, thread);
        }
    }

    @Override
    public void ended() {
        if (sharedPermit != null) {
            engine().abandoned().ended(sharedPermit);
            sharedPermit.letGo();
        }
    }

    /** {@inheritDoc} The value is a stage, whose own value nobody will wait for. */
    @Override
    public void lateValue() {
        cancelStage();
        countLateResult();
    }

    private void countLateResult() {
        engine().observers().count(Telemetry::lateResult);
    }

    // ---------------------------------------------------------------- its context

    @Override
    public Object context() {
        return this;
    }

    @Override
    public void cancel() {
        if (state == State.RUNNING) {
            cancelled = true;
            Lookout.lookAtAll();
        }
    }

    @Override
    public boolean isCancelled() {
        return switch (state) {
            case RUNNING -> whyDue() != EndReason.NONE;
            case SUCCEEDED -> run.isUnwanted();
            case LEFT -> true;
        };
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
        return engine().time();
    }

    @Override
    public Engine engine() {
        return run.engine();
    }

    @Override
    public Object root() {
        return run;
    }

    private long clock() {
        return run.isTimed() ? time().nanoTime() : 0;
    }
}
