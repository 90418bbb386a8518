package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.time.Nanos;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Drives one execution on the thread that asked for it, which it blocks for every wait. Confined to that thread; others
 * reach it through its frames and its waiter.
 */
final class BlockingRun<T extends @Nullable Object> {

    private final Engine engine;
    private final Task<T> task;
    private final ThreadSlot slot;
    private final Progress<T> progress;
    private final ContextCarrier.@Nullable Captured carried;

    /** The number by which it is served at the permits, once drawn. */
    private long arrival = Permits.NOT_TAKEN;

    private boolean hasPermit;

    BlockingRun(
            Engine engine, ThreadSlot slot, ExecutionContext parent, Execution execution, Task<T> task, Start start) {
        this.engine = engine;
        this.task = task;
        this.slot = slot;
        RunContext context = new RunContext(engine, parent, start.deadline());
        this.progress = new Progress<>(engine, execution, context, start);
        this.carried = engine.runsOnOwnThread() ? engine.capture() : null;
    }

    /** Runs it from its beginning. */
    Progress<T> run() {
        return within(Progress.Step.ADMIT, true);
    }

    /** Runs it on from the end of a first attempt that was made without it. */
    Progress<T> runAfter(Attempt<T> first, long nanos, long arrival) {
        this.arrival = arrival;
        progress.admitted();
        return within(progress.attemptEnded(first, nanos), false);
    }

    private Progress<T> within(Progress.Step first, boolean begin) {
        RunFrame frame = new RunFrame(progress.context());
        slot.enter(frame);
        try {
            drive(begin ? progress.begin() : first);
        } finally {
            giveBackPermit();
            slot.leave(frame);
            engine.executionEnded();
        }
        return progress;
    }

    private void drive(Progress.Step first) {
        Progress.Step step = first;
        while (step != Progress.Step.DONE) {
            step = switch (step) {
                case ADMIT -> admit();
                case ATTEMPT -> engine.runsOnOwnThread() ? attemptOnOwnThread() : attempt();
                case WAIT -> backOff();
                case DONE -> throw new AssertionError("the loop has ended");
            };
        }
    }

    // ---------------------------------------------------------------- admission

    private Progress.Step admit() {
        Permits permits = engine.permits();
        if (permits == null) {
            return progress.admitted();
        }
        if (tryTake(permits)) {
            hasPermit = true;
            return progress.admitted();
        }
        return waitForPermit(permits);
    }

    private boolean tryTake(Permits permits) {
        if (arrival != Permits.NOT_TAKEN) {
            return permits.tryTake();
        }
        arrival = permits.tryArriveAndTake();
        return arrival != Permits.NOT_TAKEN;
    }

    private Progress.Step waitForPermit(Permits permits) {
        if (arrival == Permits.NOT_TAKEN) {
            arrival = permits.arrive();
        }
        boolean mayBeRejected = progress.isBeforeFirstAttempt();
        if (mayBeRejected && engine.policy().admission().maxWait().isZero()) {
            return progress.rejected(permits.limit(), permits.inUse(), 0);
        }
        BlockedWaiter waiter = new BlockedWaiter(arrival);
        if (permits.takeOrEnqueue(waiter)) {
            hasPermit = true;
            return progress.admitted();
        }
        return waitForPermit(permits, waiter, mayBeRejected);
    }

    private Progress.Step waitForPermit(Permits permits, BlockedWaiter waiter, boolean mayBeRejected) {
        long from = engine.time().nanoTime();
        Long deadline = progress.start().deadline();
        Long patience = mayBeRejected
                ? Long.valueOf(Nanos.after(from, engine.policy().admission().maxWait()))
                : null;
        slot.await(
                engine.time(),
                nearer(deadline, patience),
                () -> waiter.isGranted() || reasonToStop() != EndReason.NONE);
        long waited = engine.time().nanoTime() - from;
        engine.observers().count(telemetry -> telemetry.admissionWait(waited));
        if (waiter.isGranted() || !permits.withdraw(waiter)) {
            hasPermit = true;
        }
        return admittedOrNot(permits, waited, deadline);
    }

    /** After the wait, with or without a permit: what ended it, if it was not the grant, also ends the execution. */
    private Progress.Step admittedOrNot(Permits permits, long waited, @Nullable Long deadline) {
        EndReason reason = reasonToStop();
        if (reason == EndReason.NONE
                && deadline != null
                && !Nanos.isBefore(engine.time().nanoTime(), deadline)) {
            reason = EndReason.DEADLINE;
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        if (hasPermit && reason == EndReason.NONE && !interrupted) {
            return progress.admitted();
        }
        giveBackPermit();
        if (reason != EndReason.NONE) {
            return progress.waitEnded(reason);
        }
        return interrupted ? interrupted() : progress.rejected(permits.limit(), permits.inUse(), waited);
    }

    private void giveBackPermit() {
        if (hasPermit) {
            hasPermit = false;
            Objects.requireNonNull(engine.permits()).giveBack();
        }
    }

    // ---------------------------------------------------------------- attempts

    private Progress.Step attempt() {
        AttemptFrame frame = engine.frameFor(slot);
        frame.begin(engine, progress.context(), progress.attempt());
        frame.limits().setFor(progress.start(), engine);
        long from = clock();
        Result<T> report = null;
        Throwable thrown = null;
        boolean ours = false;
        slot.enter(frame);
        try {
            frame.limits().watchWith(engine.watchdog());
            report = engine.runner().execute(frame.context(), progress.execution(), task);
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            ours = slot.leave(frame);
            giveBackPermit();
        }
        Attempt<T> attempt = Attempts.onCallersThread(frame, ours, report, thrown);
        if (attempt.succeeded()) {
            frame.retire();
            slot.putSpare(frame);
        }
        return progress.attemptEnded(attempt, clock() - from);
    }

    private Progress.Step attemptOnOwnThread() {
        PermitShare permit = new PermitShare(hasPermit ? engine.permits() : null);
        hasPermit = false;
        OwnThreadContext context = new OwnThreadContext(engine, progress, permit);
        ContextCarrier.Captured captured = Objects.requireNonNull(carried, "captured with the own-thread runner");
        Task<T> carriedTask = of -> captured.call(() -> task.run(of));
        long from = clock();
        Result<T> report = null;
        Throwable thrown = null;
        try {
            report = engine.runner().execute(context, progress.execution(), carriedTask);
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            permit.letGo();
        }
        return progress.attemptEnded(Attempts.onOwnThread(context, report, thrown), clock() - from);
    }

    // ---------------------------------------------------------------- waits

    private Progress.Step backOff() {
        if (progress.delay() > 0) {
            sleep(progress.delay());
        } else {
            engine.observers().count(telemetry -> telemetry.backoff(0));
        }
        EndReason reason = reasonToStop();
        if (reason != EndReason.NONE) {
            return progress.waitEnded(reason);
        }
        return Thread.currentThread().isInterrupted() ? interrupted() : progress.waited();
    }

    private void sleep(long delay) {
        long from = engine.time().nanoTime();
        slot.await(engine.time(), from + delay, () -> reasonToStop() != EndReason.NONE);
        long waited = engine.time().nanoTime() - from;
        engine.observers().count(telemetry -> telemetry.backoff(waited));
    }

    private Progress.Step interrupted() {
        return progress.waitInterrupted(!Attempts.isEndedFromOutside(slot));
    }

    private EndReason reasonToStop() {
        if (progress.context().isUnwanted()) {
            return EndReason.CANCEL;
        }
        return engine.isShuttingDown() ? EndReason.SHUTDOWN : EndReason.NONE;
    }

    private long clock() {
        return progress.start().isTimed() ? engine.time().nanoTime() : 0;
    }

    private static @Nullable Long nearer(@Nullable Long a, @Nullable Long b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Nanos.earlier(a, b);
    }
}
