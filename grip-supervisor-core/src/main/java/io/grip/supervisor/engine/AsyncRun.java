package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.admission.Waiter;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives one execution that blocks no thread, and is the future of its result.
 *
 * <pre>
 *   BUSY --> a Pause (backoff), a QueuedWaiter (permit), a StageAttempt (stage) --> BUSY --> ... --> OVER
 * </pre>
 *
 * <p>While {@code phase} is {@link #BUSY}, one thread owns the run and everything in it. It gives it up by publishing
 * what the run waits for as the phase; whoever then swaps exactly that object for BUSY, be it the timer, the stage, a
 * grant, a cancel or a close, is the next owner, and all others come too late. Timer threads, and threads that release
 * a permit or shut down, hand the run to the executor before anything of the user's is called.
 */
final class AsyncRun<T extends @Nullable Object> extends CompletableFuture<Result<T>> {

    private static final Object BUSY = new Object();
    private static final Object OVER = new Object();
    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(AsyncRun.class, "phase", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Engine engine;
    private final AsyncTask<T> task;
    private final Progress<T> progress;
    private final ContextCarrier.Captured carried;

    /** What the run waits for, or {@link #BUSY} or {@link #OVER}; publishes all other state to the next owner. */
    @SuppressWarnings("unused") // through PHASE
    private volatile Object phase = BUSY;

    private long arrival = Permits.NOT_TAKEN;
    private boolean hasPermit;
    private boolean onCallersThread = true;

    /** Its neighbours among the runs of the engine; guarded by {@link AsyncRuns}. */
    @Nullable
    AsyncRun<?> previous;

    @Nullable
    AsyncRun<?> next;

    AsyncRun(Engine engine, ExecutionContext parent, Execution execution, AsyncTask<T> task, Start start) {
        this.engine = engine;
        this.task = task;
        RunContext context = new RunContext(engine, parent, start.deadline());
        this.progress = new Progress<>(engine, execution, context, start);
        this.carried = engine.capture();
    }

    /** Begins it on the caller's thread. */
    void begin() {
        own(progress::begin);
    }

    RunContext context() {
        return progress.context();
    }

    /** Whether an attempt is being made. */
    boolean isRunning() {
        return phase() instanceof StageAttempt;
    }

    // ---------------------------------------------------------------- the loop

    /** Called by the owner: goes on from a step until the run waits for something or is over. */
    private void own(Supplier<Progress.Step> first) {
        ThreadSlot slot = ThreadSlot.current();
        RunFrame frame = new RunFrame(progress.context());
        slot.enter(frame);
        try {
            drive(slot, first.get());
        } catch (Throwable thrown) {
            breakOff(thrown);
        } finally {
            slot.leave(frame);
        }
        if (phase() == OVER) {
            engine.ended(this);
        }
    }

    private void drive(ThreadSlot slot, Progress.Step first) {
        Progress.@Nullable Step step = first;
        while (step != null) {
            if (isDone() && step != Progress.Step.DONE) {
                step = progress.waitEnded(EndReason.CANCEL);
            }
            step = switch (step) {
                case ADMIT -> admit();
                case ATTEMPT -> attempt(slot);
                case WAIT -> pause();
                case DONE -> finish();
            };
        }
    }

    private Progress.@Nullable Step finish() {
        giveBackPermit();
        PHASE.setVolatile(this, OVER);
        super.complete(progress.result());
        return null;
    }

    /** Something of ours, or what users plugged into it, has thrown where nothing should: the future still completes. */
    private void breakOff(Throwable thrown) {
        giveBackPermit();
        try {
            progress.broken(thrown);
            PHASE.setVolatile(this, OVER);
            super.complete(progress.result());
        } catch (Throwable again) {
            PHASE.setVolatile(this, OVER);
            super.complete(
                    new ExecutionResult<>(null, FailureKind.PANIC, thrown, 0, 0, Duration.ZERO, false, List.of()));
        }
    }

    /**
     * Called by the owner, last: hands the run to the executor. An executor that runs it on the spot is noticed, so that
     * the loop which is under way on this thread goes on with it instead of being entered again.
     *
     * @return whether the loop on this thread has to go on
     */
    private boolean hop(Supplier<Progress.Step> next) {
        Hop hop = new Hop(next);
        try {
            engine.executor().execute(hop);
        } catch (Throwable rejected) {
            if (hop.take()) {
                fallBack(() -> own(() -> progress.broken(rejected)));
            }
        }
        hop.handedOver = true;
        return hop.onTheSpot;
    }

    private static void fallBack(Runnable last) {
        try {
            Threads.sharedExecutor().execute(last);
        } catch (Throwable noThread) {
            // Better on this thread, whichever it is, than never: a future that is lost is the worst of all ends.
            last.run();
        }
    }

    private final class Hop implements Runnable {
        private final Thread origin = Thread.currentThread();
        private final Supplier<Progress.Step> first;

        /** Whether somebody has taken the run over: an executor may reject what it has run, or run it twice. */
        private final AtomicBoolean taken = new AtomicBoolean();

        /** Both are seen by the origin alone: another thread leaves at the first comparison. */
        private boolean handedOver;

        private boolean onTheSpot;

        Hop(Supplier<Progress.Step> first) {
            this.first = first;
        }

        boolean take() {
            return taken.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (!take()) {
                return;
            }
            if (Thread.currentThread() == origin && !handedOver) {
                onTheSpot = true;
                return;
            }
            onCallersThread = false;
            own(first);
        }
    }

    /** Called by an owner that has no loop under way: goes on elsewhere. */
    private void continueElsewhere(Supplier<Progress.Step> next) {
        onCallersThread = false;
        if (hop(next)) {
            own(next);
        }
    }

    // ---------------------------------------------------------------- admission

    private Progress.@Nullable Step admit() {
        Permits permits = engine.permits();
        if (permits == null) {
            return progress.admitted();
        }
        if (arrival == Permits.NOT_TAKEN ? takeOnArrival(permits) : permits.tryTake()) {
            hasPermit = true;
            return progress.admitted();
        }
        return queue(permits);
    }

    private boolean takeOnArrival(Permits permits) {
        arrival = permits.tryArriveAndTake();
        return arrival != Permits.NOT_TAKEN;
    }

    private Progress.@Nullable Step queue(Permits permits) {
        if (arrival == Permits.NOT_TAKEN) {
            arrival = permits.arrive();
        }
        boolean mayBeRejected = progress.isBeforeFirstAttempt();
        Duration maxWait = engine.policy().admission().maxWait();
        if (mayBeRejected && maxWait.isZero()) {
            return progress.rejected(permits.limit(), permits.inUse(), 0);
        }
        long from = engine.time().nanoTime();
        QueuedWaiter waiter = new QueuedWaiter(arrival, permits, from);
        PHASE.setVolatile(this, waiter);
        if (permits.takeOrEnqueue(waiter)) {
            // Granted on the spot; unless somebody has ended the wait in between, the loop simply goes on.
            return seize(waiter) ? grantedTo(waiter) : null;
        }
        Long patience = mayBeRejected ? Long.valueOf(Nanos.after(from, maxWait)) : null;
        limitWait(waiter, patience, progress.start().deadline());
        look();
        return null;
    }

    /** From here on another may own the run: nothing is touched but the waiter, and what never changes. */
    private void limitWait(QueuedWaiter waiter, @Nullable Long patience, @Nullable Long deadline) {
        if (patience != null && (deadline == null || Nanos.isBefore(patience, deadline))) {
            waiter.timer = engine.time().schedule(patience, () -> impatient(waiter));
        } else if (deadline != null) {
            waiter.timer = engine.time().schedule(deadline, () -> endWait(waiter, EndReason.DEADLINE));
        }
        if (phase() != waiter) {
            waiter.stopTimer();
        }
    }

    private Progress.Step grantedTo(QueuedWaiter waiter) {
        waiter.stopTimer();
        hasPermit = true;
        waiter.recordWait();
        return progress.admitted();
    }

    private void impatient(QueuedWaiter waiter) {
        if (seize(waiter)) {
            waiter.leaveQueue();
            long waited = engine.time().nanoTime() - waiter.from;
            Permits permits = waiter.permits;
            continueElsewhere(() -> {
                waiter.recordWait();
                return progress.rejected(permits.limit(), permits.inUse(), waited);
            });
        }
    }

    private void endWait(QueuedWaiter waiter, EndReason reason) {
        if (seize(waiter)) {
            waiter.leaveQueue();
            continueElsewhere(() -> {
                waiter.recordWait();
                return progress.waitEnded(reason);
            });
        }
    }

    private void giveBackPermit() {
        if (hasPermit) {
            hasPermit = false;
            Permits permits = engine.permits();
            if (permits != null) {
                permits.giveBack();
            }
        }
    }

    /** A place in the queue for a permit, which holds no thread. */
    private final class QueuedWaiter extends Waiter {
        private final Permits permits;
        private final long from;

        /** Publishes the timer to those who end the wait; late for one that ends at once, who finds it called off. */
        private volatile TimeSource.@Nullable Timer timer;

        QueuedWaiter(long arrival, Permits permits, long from) {
            super(arrival);
            this.permits = permits;
            this.from = from;
        }

        @Override
        protected void granted() {
            // If another has seized the run, it withdraws the waiter, learns of the grant, and gives the permit back.
            if (seize(this)) {
                continueElsewhere(() -> grantedTo(this));
            }
        }

        void leaveQueue() {
            stopTimer();
            if (!permits.withdraw(this)) {
                permits.giveBack();
            }
        }

        void stopTimer() {
            TimeSource.Timer running = timer;
            if (running != null) {
                running.cancel();
            }
        }

        void recordWait() {
            long waited = engine.time().nanoTime() - from;
            engine.observers().count(telemetry -> telemetry.admissionWait(waited));
        }
    }

    // ---------------------------------------------------------------- attempts

    private Progress.@Nullable Step attempt(ThreadSlot slot) {
        StageAttempt<T> attempt = new StageAttempt<>(engine, progress, clock());
        if (engine.runsOnOwnThread()) {
            attempt.sharedPermit = new PermitShare(hasPermit ? engine.permits() : null);
            hasPermit = false;
        }
        Result<CompletionStage<T>> report = null;
        Throwable thrown = null;
        boolean ours = false;
        slot.enter(attempt);
        try {
            attempt.limits().watchWith(engine.watchdog());
            report = engine.runner().execute(attempt, progress.execution(), starting());
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            ours = slot.leave(attempt);
        }
        if (report != null && report.failure() == FailureKind.NONE) {
            return await(attempt, report.value());
        }
        return ended(attempt, notStarted(attempt, ours, report, thrown));
    }

    private Task<CompletionStage<T>> starting() {
        if (onCallersThread && !engine.runsOnOwnThread()) {
            return task::run;
        }
        return context -> carried.call(() -> task.run(context));
    }

    /** The task threw before there was a stage. */
    private Attempt<T> notStarted(
            StageAttempt<T> attempt, boolean ours, @Nullable Result<?> report, @Nullable Throwable thrown) {
        Throwable runnerFailure = Attempts.runnerFailure(report, thrown);
        Throwable cause = report != null ? report.cause() : runnerFailure;
        FailureKind kind = report != null ? report.failure() : FailureKind.PANIC;
        boolean fromOutside = !ours && attempt.outerInterrupted();
        if (engine.runsOnOwnThread() && kind == FailureKind.CONTEXT_CANCELLED && attempt.whyDue() != EndReason.NONE) {
            return left(attempt, attempt.whyDue());
        }
        boolean pending = Thread.currentThread().isInterrupted();
        boolean speaks = cause != null && Classifier.speaksOfInterrupt(cause);
        if (!ours && !fromOutside && speaks) {
            // Whose thread it is, is not ours to know: its owner finds the flag as the interrupt had left it.
            Thread.currentThread().interrupt();
        }
        return new Attempt<>(
                report == null || cause == null ? null : Result.failure(kind, cause),
                runnerFailure,
                ours ? attempt.reason() : EndReason.NONE,
                fromOutside,
                onCallersThread && !ours && !fromOutside && (pending || speaks),
                attempt.wasCancelled(),
                attempt.limits().passed(engine.time()),
                attempt.isCommitted());
    }

    /** There is a stage to wait for, which may be complete already. */
    private Progress.@Nullable Step await(StageAttempt<T> attempt, @Nullable CompletionStage<T> stage) {
        if (stage == null) {
            Throwable cause = new IllegalStateException("the task returned null instead of a stage");
            return ended(attempt, failed(attempt, cause));
        }
        attempt.stage = stage;
        PHASE.setVolatile(this, attempt);
        try {
            stage.whenComplete((value, failure) -> completed(attempt, value, failure));
        } catch (Throwable unusable) {
            return seize(attempt) ? ended(attempt, failed(attempt, unusable)) : null;
        }
        attempt.startingThread = null;
        Attempt<T> atOnce = attempt.completedAtOnce;
        if (atOnce != null) {
            return ended(attempt, atOnce);
        }
        watchLimit(attempt);
        look();
        return null;
    }

    /** Called by the thread that completes the stage, perhaps more than once, perhaps too late. */
    private void completed(StageAttempt<T> attempt, T value, @Nullable Throwable failure) {
        if (!seize(attempt)) {
            if (failure == null) {
                engine.observers().count(Telemetry::lateResult);
            }
            return;
        }
        Attempt<T> ended = failure == null ? succeeded(attempt, value) : failed(attempt, unwrap(failure));
        if (attempt.startingThread == Thread.currentThread()) {
            attempt.completedAtOnce = ended;
            return;
        }
        onCallersThread = false;
        own(() -> ended(attempt, ended));
    }

    private void watchLimit(StageAttempt<T> attempt) {
        Long limit = attempt.limits().nearest();
        if (limit != null && phase() == attempt) {
            attempt.limitTimer = engine.time().schedule(limit, () -> atLimit(attempt));
            if (phase() != attempt) {
                attempt.limitTimer.cancel();
            }
        }
    }

    private void atLimit(StageAttempt<T> attempt) {
        EndReason reason = attempt.whyDue();
        if (reason != EndReason.NONE) {
            leave(attempt, reason);
        } else {
            // It has committed meanwhile, so the timeout is off; the deadline, if there is one, is later.
            watchLimit(attempt);
        }
    }

    /** The attempt is left behind: the permit goes back now, the rest happens on the executor. */
    private void leave(StageAttempt<T> attempt, EndReason reason) {
        if (seize(attempt)) {
            giveBackPermit(attempt);
            continueElsewhere(() -> {
                cancelStage(attempt);
                return ended(attempt, left(attempt, reason));
            });
        }
    }

    private static void cancelStage(StageAttempt<?> attempt) {
        CompletionStage<?> stage = attempt.stage;
        if (stage != null) {
            try {
                stage.toCompletableFuture().cancel(true);
            } catch (Throwable refused) {
                // A stage that cannot be cancelled, or whose dependents throw on it, is left to itself: what it still
                // brings is late.
            }
        }
    }

    private Progress.Step ended(StageAttempt<T> attempt, Attempt<T> ended) {
        attempt.finish();
        if (attempt.limitTimer != null) {
            attempt.limitTimer.cancel();
        }
        giveBackPermit(attempt);
        return progress.attemptEnded(ended, clock() - attempt.startedAt);
    }

    private void giveBackPermit(StageAttempt<T> attempt) {
        PermitShare shared = attempt.sharedPermit;
        if (shared == null) {
            giveBackPermit();
        } else if (!attempt.hasLetGo) {
            attempt.hasLetGo = true;
            shared.letGo();
        }
    }

    private Attempt<T> succeeded(StageAttempt<T> attempt, T value) {
        return new Attempt<>(
                Result.success(value),
                null,
                EndReason.NONE,
                false,
                false,
                false,
                EndReason.NONE,
                attempt.isCommitted());
    }

    private Attempt<T> failed(StageAttempt<T> attempt, Throwable cause) {
        return new Attempt<>(
                Result.failure(cause instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR, cause),
                null,
                EndReason.NONE,
                false,
                false,
                attempt.wasCancelled(),
                attempt.limits().passed(engine.time()),
                attempt.isCommitted());
    }

    private Attempt<T> left(StageAttempt<T> attempt, EndReason reason) {
        return new Attempt<>(null, null, reason, false, false, true, EndReason.NONE, attempt.isCommitted());
    }

    /** What a dependent stage puts around a failure is not part of it. */
    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    // ---------------------------------------------------------------- waits

    private Progress.@Nullable Step pause() {
        long delay = progress.delay();
        if (delay == 0) {
            engine.observers().count(telemetry -> telemetry.backoff(0));
            Supplier<Progress.Step> next = this::stepAfterNoWait;
            boolean onTheSpot = hop(next);
            return onTheSpot ? next.get() : null;
        }
        Pause pause = new Pause(engine.time().nanoTime());
        PHASE.setVolatile(this, pause);
        TimeSource.Timer timer = engine.time().schedule(pause.from + delay, () -> elapsed(pause));
        pause.timer = timer;
        if (phase() != pause) {
            timer.cancel();
        }
        look();
        return null;
    }

    private Progress.Step stepAfterNoWait() {
        onCallersThread = false;
        EndReason reason = reasonToStop();
        return reason == EndReason.NONE ? progress.waited() : progress.waitEnded(reason);
    }

    private void elapsed(Pause pause) {
        if (seize(pause)) {
            continueElsewhere(() -> {
                pause.recordWait();
                return progress.waited();
            });
        }
    }

    private void endPause(Pause pause, EndReason reason) {
        if (seize(pause)) {
            pause.stopTimer();
            continueElsewhere(() -> {
                pause.recordWait();
                return progress.waitEnded(reason);
            });
        }
    }

    /** A wait before a retry or restart. */
    private final class Pause {
        private final long from;

        /** Publishes the timer to those who end the pause; late for one that ends at once, who finds it spent. */
        private volatile TimeSource.@Nullable Timer timer;

        Pause(long from) {
            this.from = from;
        }

        void stopTimer() {
            TimeSource.Timer running = timer;
            if (running != null) {
                running.cancel();
            }
        }

        void recordWait() {
            long waited = engine.time().nanoTime() - from;
            engine.observers().count(telemetry -> telemetry.backoff(waited));
        }
    }

    // ---------------------------------------------------------------- what comes from outside

    /** Called by any thread after something was cancelled or shut down: ends what it waits for, if that is due. */
    void look() {
        Object waitsFor = phase();
        if (waitsFor instanceof StageAttempt<?> attempt) {
            EndReason reason = attempt.whyDue();
            if (reason != EndReason.NONE) {
                leave(own(attempt), reason);
            }
            return;
        }
        EndReason reason = reasonToStop();
        if (reason != EndReason.NONE) {
            endAnyWait(waitsFor, reason);
        }
    }

    @SuppressWarnings("unchecked") // the phase is an attempt of this run
    private StageAttempt<T> own(StageAttempt<?> attempt) {
        return (StageAttempt<T>) attempt;
    }

    @SuppressWarnings("unchecked") // the phase is a waiter or a pause of this run
    private void endAnyWait(Object waitsFor, EndReason reason) {
        if (waitsFor instanceof AsyncRun<?>.QueuedWaiter waiter) {
            endWait((QueuedWaiter) waiter, reason);
        } else if (waitsFor instanceof AsyncRun<?>.Pause pause) {
            endPause((Pause) pause, reason);
        }
    }

    private EndReason reasonToStop() {
        if (progress.context().isUnwanted() || isDone()) {
            return EndReason.CANCEL;
        }
        return engine.isShuttingDown() ? EndReason.SHUTDOWN : EndReason.NONE;
    }

    /** Called by whoever has completed the future in the run's place: that counts as a cancel. */
    private void abandoned() {
        Object waitsFor = phase();
        if (waitsFor instanceof StageAttempt<?> attempt) {
            abandon(own(attempt));
        } else if (waitsFor == BUSY) {
            // Somebody owns it at this moment: a task that is being started is interrupted, and the owner looks.
            progress.context().cancel();
        } else {
            endAnyWait(waitsFor, EndReason.CANCEL);
        }
    }

    /** As {@link #leave}, but the stage is cancelled here and now, on the thread of whoever wants no more of it. */
    private void abandon(StageAttempt<T> attempt) {
        if (seize(attempt)) {
            giveBackPermit(attempt);
            cancelStage(attempt);
            continueElsewhere(() -> ended(attempt, left(attempt, EndReason.CANCEL)));
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            abandoned();
        }
        return cancelled;
    }

    @Override
    public boolean complete(Result<T> value) {
        boolean completed = super.complete(value);
        if (completed) {
            abandoned();
        }
        return completed;
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        boolean completed = super.completeExceptionally(failure);
        if (completed) {
            abandoned();
        }
        return completed;
    }

    @Override
    public CompletableFuture<Result<T>> completeAsync(Supplier<? extends Result<T>> supplier, Executor executor) {
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable thrown) {
                completeExceptionally(thrown);
            }
        });
        return this;
    }

    @Override
    public CompletableFuture<Result<T>> completeAsync(Supplier<? extends Result<T>> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public void obtrudeValue(Result<T> value) {
        super.obtrudeValue(value);
        abandoned();
    }

    @Override
    public void obtrudeException(Throwable failure) {
        super.obtrudeException(failure);
        abandoned();
    }

    /** What is derived from the future is a plain one: cancelling that is no word on the execution. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    // ---------------------------------------------------------------- small parts

    private Object phase() {
        return PHASE.getVolatile(this);
    }

    /** Becomes the owner of the run, if it still waits for exactly this. */
    private boolean seize(Object waitedFor) {
        return PHASE.compareAndSet(this, waitedFor, BUSY);
    }

    private long clock() {
        return progress.start().isTimed() ? engine.time().nanoTime() : 0;
    }
}
