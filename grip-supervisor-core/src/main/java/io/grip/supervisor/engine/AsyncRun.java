package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Threads;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives one execution that blocks no thread.
 *
 * <pre>
 *   BUSY --> a Wait: Pause, QueuedWaiter, StageAttempt, HandOver --> BUSY --> ... --> OVER
 * </pre>
 *
 * <p>While {@code phase} is {@link #BUSY}, one thread owns the run and everything in it. It gives it up by publishing
 * what the run waits for as the phase; whoever then swaps exactly that object for BUSY, be it the timer, the stage, a
 * grant, the executor, a cancel or a close, is the next owner, and all others come too late. Timer threads, and threads
 * that release a permit or shut down, hand the run to the executor before anything of the user's is called.
 *
 * <p>A million of them may be waiting, each of them this and its future and nothing else: it is its own {@link Progress},
 * and its own alarm while it pauses.
 */
final class AsyncRun<T extends @Nullable Object> extends Progress<T> {

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

    /** How many stretches of executions may lie on top of each other on one thread. */
    private static final int DEEPEST = 64;

    /** Given in the place of one that nobody has asked for, to a runner that does not look at it. */
    private static final Execution UNSEEN = Execution.of("unseen");

    private final SupervisedFuture<T> future = new SupervisedFuture<>(this);

    /** With what the caller's thread carried around it, if that is anything. */
    private final AsyncTask<T> task;

    /** What the run waits for, or {@link #BUSY} or {@link #OVER}; publishes all other state to the next owner. */
    @SuppressWarnings("unused") // through PHASE
    private volatile Object phase = BUSY;

    private boolean onCallersThread = true;

    /** Its neighbours among the runs of the engine; guarded by {@link AsyncRuns}. */
    @Nullable
    AsyncRun<?> previous;

    @Nullable
    AsyncRun<?> next;

    AsyncRun(ExecutionContext parent, @Nullable Execution execution, AsyncTask<T> task, Start start) {
        super(execution, parent, start);
        ContextCarrier.Captured captured = engine().capture();
        this.task = captured == ContextCarrier.Captured.NOTHING ? task : new Carried<>(task, captured);
    }

    /** Begins it on the caller's thread. */
    void start() {
        own(this::begin);
    }

    CompletableFuture<Result<T>> future() {
        return future;
    }

    AsyncTask<T> task() {
        return task instanceof Carried<T> carried ? carried.task() : task;
    }

    ContextCarrier.Captured carried() {
        return task instanceof Carried<T> carried ? carried.captured() : ContextCarrier.Captured.NOTHING;
    }

    /** Called by the owner: what a runner is told; ours, on the caller's thread, does not look at it. */
    Execution executionForRunner() {
        return engine().runsOnCallersThread() ? UNSEEN : execution();
    }

    /** Whether an attempt waits for its stage; the synchronous part before it is a frame of its thread. */
    boolean isRunning() {
        return phase() instanceof StageAttempt;
    }

    /** Whether nothing is left to do: the future is complete, though its dependents may still be running. */
    boolean isOver() {
        return phase() == OVER && future.isDone();
    }

    // ---------------------------------------------------------------- the loop

    /** Called by the owner: goes on from a step until the run waits for something or is over. */
    void own(Supplier<Progress.Step> first) {
        boolean over;
        try {
            over = drive(first);
        } catch (Throwable thrown) {
            over = breakOff(thrown);
        }
        if (over) {
            end();
        }
    }

    /** Outside of all frames: what depends on the future is no part of the execution. */
    private void end() {
        PHASE.setVolatile(this, OVER);
        try {
            future.handOut(result());
        } finally {
            engine().ended(this);
        }
    }

    /** Returns whether the run is over; if not, it waits for something, and another may own it. */
    private boolean drive(Supplier<Progress.Step> first) {
        ThreadSlot slot = ThreadSlot.current();
        RunFrame frame = new RunFrame(this);
        slot.enter(frame);
        try {
            Progress.@Nullable Step step = first.get();
            while (step != null && step != Progress.Step.DONE) {
                step = switch (step) {
                    case ADMIT -> admit();
                    case ATTEMPT -> attempt(slot);
                    case WAIT -> pause();
                    case DONE -> throw new AssertionError("the loop has ended");
                };
            }
            return step == Progress.Step.DONE;
        } finally {
            slot.leave(frame);
        }
    }

    /** Something of ours, or what users plugged into it, has thrown where nothing should: the future still completes. */
    private boolean breakOff(Throwable thrown) {
        giveBackPermit();
        try {
            return drive(() -> broken(thrown));
        } catch (Throwable again) {
            endSilently(thrown);
            return true;
        }
    }

    /**
     * Called by the owner: publishes what the run waits for. From there on another thread may own it.
     *
     * @return the next step if the wait has ended on the spot, else null
     */
    private Progress.@Nullable Step waitFor(Wait wait) {
        PHASE.setVolatile(this, wait.token());
        boolean ended;
        try {
            ended = wait.begin();
            if (!ended) {
                look();
            }
        } catch (Throwable thrown) {
            return seize(wait) ? wait.failed(thrown) : null;
        }
        return ended ? wait.next() : null;
    }

    /**
     * Called by the owner where it has no loop under way, such as a timer's thread: the executor goes on with the run.
     * If it has rejected it, the step is still made, on a thread of the library's own, and whatever it does not end
     * ends there. One that runs everything on the spot, on top of who gave back a permit, gets help when a long queue
     * would pile up on the stack.
     */
    void continueElsewhere(Supplier<Progress.Step> first) {
        HandOver handOver = new HandOver(this, first);
        PHASE.setVolatile(this, handOver);
        boolean onTheSpot;
        try {
            onTheSpot = handOver.begin();
        } catch (Throwable rejected) {
            if (seize(handOver)) {
                fallBack(() -> own(() -> endAfter(handOver, rejected)));
            }
            return;
        }
        if (onTheSpot && !ThreadSlot.current().isDeeperThan(DEEPEST)) {
            own(handOver::next);
        } else if (onTheSpot) {
            fallBack(() -> own(handOver::next));
        }
    }

    private Progress.Step endAfter(HandOver handOver, Throwable rejected) {
        Progress.Step step = handOver.next();
        giveBackPermit();
        return step == Progress.Step.DONE ? step : broken(rejected);
    }

    private static void fallBack(Runnable last) {
        try {
            Threads.sharedExecutor().execute(last);
        } catch (Throwable noThread) {
            // Better on this thread, whichever it is, than never: a future that is lost is the worst of all ends.
            last.run();
        }
    }

    // ---------------------------------------------------------------- the steps

    private Progress.@Nullable Step admit() {
        Permits permits = permits();
        AsyncPermit own = permit();
        if (own == null && permits != null) {
            own = new AsyncPermit();
            extras().permit = own;
        }
        if (own != null) {
            own.comesFrom(permits);
        }
        if (own == null || permits == null || own.tryTake(permits)) {
            return admitted();
        }
        long arrival = own.arrivalAt(permits);
        if (isBeforeFirstAttempt() && rules().admission().maxWait().isZero()) {
            return rejected(permits.limit(), permits.inUse(), 0);
        }
        return waitFor(new QueuedWaiter(this, arrival, permits));
    }

    private Progress.@Nullable Step attempt(ThreadSlot slot) {
        StageAttempt<T> attempt = new StageAttempt<>(this);
        // Looked at inside the frame: a cancel that comes later finds the frame, and interrupts it.
        slot.enter(attempt);
        EndReason unwanted = attempt.whyUnwanted();
        if (unwanted == EndReason.NONE && !usePermit()) {
            unwanted = EndReason.CANCEL;
        }
        if (unwanted != EndReason.NONE) {
            slot.leave(attempt);
            giveBackPermit();
            return waitEnded(unwanted);
        }
        attempt.start(slot);
        return attempt.hasEndedAtOnce() ? attempt.next() : waitFor(attempt);
    }

    private Progress.@Nullable Step pause() {
        if (delay() > 0) {
            long now = time().nanoTime();
            Pause pause = Pause.until(this, now + delay());
            waitBegins(now);
            return waitFor(pause);
        }
        engine().observers().count(telemetry -> telemetry.backoff(0));
        return waitFor(new HandOver(this, this::waited));
    }

    /** On the timer's thread. */
    @Override
    protected void ring() {
        Pause.of(this).over();
    }

    /** Called by the owner when a pause has ended before its time. */
    void stopAlarm() {
        callOff();
    }

    /** Called by the owner when a pause has ended: records how long it was. */
    void recordPause() {
        long waited = time().nanoTime() - waitsSince();
        engine().observers().count(telemetry -> telemetry.backoff(waited));
    }

    // ---------------------------------------------------------------- what comes from outside

    /** Called by any thread after something was cancelled or shut down: ends what it waits for, if that is due. */
    void look() {
        Wait wait = waitIn(phase());
        EndReason reason = wait == null ? EndReason.NONE : wait.whyDue();
        if (wait != null && reason != EndReason.NONE) {
            wait.end(reason);
        }
    }

    /** Called by any thread after somebody else has completed the future. */
    void abandoned() {
        markCancelled();
        Object seen = phase();
        Wait wait = waitIn(seen);
        if (wait != null) {
            wait.abandon();
        } else if (seen == BUSY) {
            // Perhaps a thread is in the synchronous part of an attempt; then it is interrupted.
            ThreadSlot.lookAtAll();
        }
        AsyncPermit own = permit();
        if (own != null) {
            own.abandon();
        }
    }

    private @Nullable Wait waitIn(Object seen) {
        return Pause.isToken(seen) ? Pause.of(this) : seen instanceof Wait wait ? wait : null;
    }

    // ---------------------------------------------------------------- ownership

    /** Becomes the owner of the run, if it still waits for exactly this. */
    boolean seize(Wait waitedFor) {
        return PHASE.compareAndSet(this, waitedFor.token(), BUSY);
    }

    boolean waitsFor(Wait wait) {
        return phase() == wait.token();
    }

    private Object phase() {
        return PHASE.getVolatile(this);
    }

    /** Null until a limit has had a say in it. */
    private @Nullable AsyncPermit permit() {
        Extras some = extrasIfAny();
        return some == null ? null : some.permit;
    }

    /** Called by the owner: it has been granted a permit. */
    void holdPermit() {
        Objects.requireNonNull(permit(), "it has waited for one").granted();
    }

    /** Called by the owner: what the attempt about to be made was admitted by; null without a limit. */
    @Nullable
    Permits admittedBy() {
        AsyncPermit own = permit();
        return own == null ? null : own.from();
    }

    private boolean usePermit() {
        AsyncPermit own = permit();
        return own == null || own.tryUse();
    }

    /** Called by the owner: gives back the permit, if it has one. */
    void giveBackPermit() {
        AsyncPermit own = permit();
        if (own != null) {
            own.giveBack();
        }
    }

    /** Called by the owner: whether there is a permit, which is from now on the caller's. */
    boolean takePermit() {
        AsyncPermit own = permit();
        return own != null && own.tryTakeOver();
    }

    /** Called by the owner on a thread of the executor: what the caller's thread carries has to be put in place. */
    void leaveCallersThread() {
        onCallersThread = false;
    }

    boolean isOnCallersThread() {
        return onCallersThread;
    }
}
