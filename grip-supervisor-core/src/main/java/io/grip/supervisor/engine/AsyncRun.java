package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Threads;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives one execution that blocks no thread, and is the future of its result.
 *
 * <pre>
 *   BUSY --> a Wait: Pause, QueuedWaiter, StageAttempt, HandOver --> BUSY --> ... --> OVER
 * </pre>
 *
 * <p>While {@code phase} is {@link #BUSY}, one thread owns the run and everything in it. It gives it up by publishing
 * what the run waits for as the phase; whoever then swaps exactly that object for BUSY, be it the timer, the stage, a
 * grant, the executor, a cancel or a close, is the next owner, and all others come too late. Timer threads, and threads
 * that release a permit or shut down, hand the run to the executor before anything of the user's is called.
 */
final class AsyncRun<T extends @Nullable Object> extends SupervisedFuture<T> {

    private static final Object BUSY = new Object();
    private static final Object OVER = new Object();
    private static final VarHandle PHASE;

    /** No permit of this run's own is out. */
    private static final int NO_PERMIT = 0;
    /** It has a permit and no attempt uses it yet: whoever abandons the future may give it back. */
    private static final int HOLDS_PERMIT = 1;
    /** An attempt uses the permit, until its runner has returned and its stage has ended. */
    private static final int USES_PERMIT = 2;

    private static final VarHandle PERMIT;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(AsyncRun.class, "phase", Object.class);
            PERMIT = MethodHandles.lookup().findVarHandle(AsyncRun.class, "permit", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** How many stretches of executions may lie on top of each other on one thread. */
    private static final int DEEPEST = 64;

    private final AsyncTask<T> task;
    private final Progress<T> progress;
    private final ContextCarrier.Captured carried;

    /** What the run waits for, or {@link #BUSY} or {@link #OVER}; publishes all other state to the next owner. */
    @SuppressWarnings("unused") // through PHASE
    private volatile Object phase = BUSY;

    /** Settles between the owner and whoever abandons the future which of them gives the permit back. */
    @SuppressWarnings("unused") // through PERMIT
    private volatile int permit = NO_PERMIT;

    private boolean onCallersThread = true;
    private long arrival = Permits.NOT_TAKEN;

    /** What its attempt is admitted by, null without a limit; written by the owner before it holds a permit of theirs. */
    private @Nullable Permits permits;

    /** Its neighbours among the runs of the engine; guarded by {@link AsyncRuns}. */
    @Nullable
    AsyncRun<?> previous;

    @Nullable
    AsyncRun<?> next;

    AsyncRun(Engine engine, ExecutionContext parent, Execution execution, AsyncTask<T> task, Start start) {
        this.task = task;
        RunContext context = new RunContext(engine, parent, start.deadline());
        this.progress = new Progress<>(engine, execution, context, start);
        this.carried = engine.capture();
    }

    /** Begins it on the caller's thread. */
    void begin() {
        own(progress::begin);
    }

    Engine engine() {
        return progress.context().engine();
    }

    Progress<T> progress() {
        return progress;
    }

    AsyncTask<T> task() {
        return task;
    }

    /** Called by the owner: what the attempt about to be made was admitted by; null without a limit. */
    @Nullable
    Permits permits() {
        return permits;
    }

    ContextCarrier.Captured carried() {
        return carried;
    }

    RunContext context() {
        return progress.context();
    }

    /** Whether an attempt waits for its stage; the synchronous part before it is a frame of its thread. */
    boolean isRunning() {
        return phase() instanceof StageAttempt;
    }

    /** Whether nothing is left to do: the future is complete, though its dependents may still be running. */
    boolean isOver() {
        return phase() == OVER && isDone();
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
            handOut(progress.result());
        } finally {
            engine().ended(this);
        }
    }

    /** Returns whether the run is over; if not, it waits for something, and another may own it. */
    private boolean drive(Supplier<Progress.Step> first) {
        ThreadSlot slot = ThreadSlot.current();
        RunFrame frame = new RunFrame(progress.context());
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
            return drive(() -> progress.broken(thrown));
        } catch (Throwable again) {
            progress.endSilently(thrown);
            return true;
        }
    }

    /**
     * Called by the owner: publishes what the run waits for. From there on another thread may own it.
     *
     * @return the next step if the wait has ended on the spot, else null
     */
    private Progress.@Nullable Step waitFor(Wait wait) {
        PHASE.setVolatile(this, wait);
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
        return step == Progress.Step.DONE ? step : progress.broken(rejected);
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
        Permits permits = progress.permits();
        this.permits = permits;
        if (permits == null) {
            return progress.admitted();
        }
        if (arrival == Permits.NOT_TAKEN ? takeOnArrival(permits) : permits.tryTake()) {
            holdPermit();
            return progress.admitted();
        }
        if (arrival == Permits.NOT_TAKEN) {
            arrival = permits.arrive();
        }
        if (progress.isBeforeFirstAttempt()
                && progress.start().rules().admission().maxWait().isZero()) {
            return progress.rejected(permits.limit(), permits.inUse(), 0);
        }
        return waitFor(new QueuedWaiter(this, arrival, permits));
    }

    private boolean takeOnArrival(Permits permits) {
        arrival = permits.tryArriveAndTake();
        return arrival != Permits.NOT_TAKEN;
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
            return progress.waitEnded(unwanted);
        }
        attempt.start(slot);
        return attempt.hasEndedAtOnce() ? attempt.next() : waitFor(attempt);
    }

    private Progress.@Nullable Step pause() {
        if (progress.delay() > 0) {
            return waitFor(new Pause(this));
        }
        engine().observers().count(telemetry -> telemetry.backoff(0));
        return waitFor(new HandOver(this, progress::waited));
    }

    // ---------------------------------------------------------------- what comes from outside

    /** Called by any thread after something was cancelled or shut down: ends what it waits for, if that is due. */
    void look() {
        if (phase() instanceof Wait wait) {
            EndReason reason = wait.whyDue();
            if (reason != EndReason.NONE) {
                wait.end(reason);
            }
        }
    }

    @Override
    void abandoned() {
        progress.context().markCancelled();
        Object seen = phase();
        if (seen instanceof Wait wait) {
            wait.abandon();
        } else if (seen == BUSY) {
            // Perhaps a thread is in the synchronous part of an attempt; then it is interrupted.
            ThreadSlot.lookAtAll();
        }
        if (PERMIT.compareAndSet(this, HOLDS_PERMIT, NO_PERMIT)) {
            returnPermit();
        }
    }

    /** Called by whoever has found out that the permit is its own to give back. */
    private void returnPermit() {
        Objects.requireNonNull(permits, "it had a permit").giveBack();
    }

    // ---------------------------------------------------------------- ownership

    /** Becomes the owner of the run, if it still waits for exactly this. */
    boolean seize(Wait waitedFor) {
        return PHASE.compareAndSet(this, waitedFor, BUSY);
    }

    boolean waitsFor(Wait wait) {
        return phase() == wait;
    }

    private Object phase() {
        return PHASE.getVolatile(this);
    }

    /** Called by the owner: it has been granted a permit. */
    void holdPermit() {
        PERMIT.setVolatile(this, HOLDS_PERMIT);
    }

    private boolean usePermit() {
        return permits == null || PERMIT.compareAndSet(this, HOLDS_PERMIT, USES_PERMIT);
    }

    /** Called by the owner: gives back the permit, if it has one. */
    void giveBackPermit() {
        if (takePermit()) {
            returnPermit();
        }
    }

    /** Called by the owner: whether there is a permit, which is from now on the caller's. */
    boolean takePermit() {
        return (int) PERMIT.getAndSet(this, NO_PERMIT) != NO_PERMIT;
    }

    /** Called by the owner on a thread of the executor: what the caller's thread carries has to be put in place. */
    void leaveCallersThread() {
        onCallersThread = false;
    }

    boolean isOnCallersThread() {
        return onCallersThread;
    }
}
