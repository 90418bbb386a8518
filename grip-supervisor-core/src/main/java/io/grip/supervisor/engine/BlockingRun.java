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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives one execution on the thread that asked for it, which it blocks for every wait. Confined to that thread; others
 * reach it through its frames and its waiter.
 */
final class BlockingRun<T extends @Nullable Object> {

    private final Engine engine;
    private final Task<T> task;
    private final ThreadSlot slot;
    private final RunFrame frame;
    private final Progress<T> progress;
    private final ContextCarrier.@Nullable Captured carried;

    /** The number by which it is served at the permits, once drawn. */
    private long arrival = Permits.NOT_TAKEN;

    /** Where the permit it has goes back to; null while it has none. */
    private @Nullable Permits held;

    BlockingRun(
            Engine engine, ThreadSlot slot, ExecutionContext parent, Execution execution, Task<T> task, Start start) {
        this.engine = engine;
        this.task = task;
        this.slot = slot;
        this.progress = new Progress<>(execution, parent, start);
        this.frame = new RunFrame(progress);
        this.carried = engine.runsOnOwnThread() ? engine.capture() : null;
    }

    /** Runs it from its beginning. */
    Progress<T> run() {
        Supplier<Progress.Step> first = progress::begin;
        slot.enter(frame);
        return within(first);
    }

    /**
     * Runs it on from attempts that were made without it; the frame and the permit of the last one go with it.
     *
     * @param from {@link AtOnce#WAIT} if it is in the wait after the last attempt, else that one's end is still to come
     * @param attempt the number of the last attempt
     * @param thrown what it has thrown
     */
    Progress<T> runOn(
            AtOnce from, AttemptFrame last, int attempt, Throwable thrown, @Nullable Permits held, long arrival) {
        this.arrival = arrival;
        this.held = held;
        return from == AtOnce.WAIT ? runFromWait(last, attempt) : runFromEnd(last, attempt, thrown);
    }

    private Progress<T> runFromEnd(AttemptFrame last, int attempt, Throwable thrown) {
        last.failed();
        return within(() -> {
            boolean ours = slot.replace(last, frame);
            progress.goOnAt(attempt, last.lastFailure(), last.severalFailures());
            giveBackPermit();
            long took = clock() - progress.at();
            progress.admitted();
            Result<T> report = Result.failure(Outcomes.kindOf(thrown), thrown);
            return progress.attemptEnded(Attempts.onCallersThread(last, ours, report, null, null), took);
        });
    }

    private Progress<T> runFromWait(AttemptFrame last, int attempt) {
        last.failed();
        return within(() -> {
            slot.replace(last, frame);
            progress.admitted();
            return progress.goOnWaiting(
                    attempt,
                    last.lastFailure(),
                    last.severalFailures(),
                    last.restsUntil() - engine.time().nanoTime());
        });
    }

    /** @param first what it begins with; made before the frame is entered, since it may fail for want of memory */
    private Progress<T> within(Supplier<Progress.Step> first) {
        try {
            drive(first);
        } catch (Throwable thrown) {
            breakOff(thrown);
        } finally {
            giveBackPermit();
            slot.leave(frame);
            engine.executionEnded();
        }
        if (progress.interruptedBy() == InterruptedBy.OUTER_EXECUTION) {
            Thread.currentThread().interrupt();
        }
        return progress;
    }

    private void drive(Supplier<Progress.Step> first) {
        Progress.Step step = first.get();
        while (step != Progress.Step.DONE) {
            step = switch (step) {
                case ADMIT -> admit();
                case ATTEMPT -> engine.runsOnOwnThread() ? attemptOnOwnThread() : attempt();
                case WAIT -> backOff();
                case DONE -> throw new AssertionError("the loop has ended");
            };
        }
    }

    /** Something of ours, or what users plugged into it, has thrown where nothing should: there still is a result. */
    private void breakOff(Throwable thrown) {
        giveBackPermit();
        try {
            progress.broken(thrown);
        } catch (Throwable again) {
            progress.endSilently(thrown);
        }
    }

    // ---------------------------------------------------------------- admission

    private Progress.Step admit() {
        Permits permits = progress.permits();
        if (permits == null) {
            return progress.admitted();
        }
        if (tryTake(permits)) {
            held = permits;
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
        if (mayBeRejected && progress.rules().admission().maxWait().isZero()) {
            return progress.rejected(permits.limit(), permits.inUse(), 0);
        }
        BlockedWaiter waiter = new BlockedWaiter(arrival);
        if (permits.takeOrEnqueue(waiter)) {
            held = permits;
            return progress.admitted();
        }
        return waitForPermit(permits, waiter, mayBeRejected);
    }

    private Progress.Step waitForPermit(Permits permits, BlockedWaiter waiter, boolean mayBeRejected) {
        long from = engine.time().nanoTime();
        Long patience = mayBeRejected
                ? Long.valueOf(Nanos.after(from, progress.rules().admission().maxWait()))
                : null;
        try {
            slot.await(
                    engine.time(),
                    nearer(progress.deadline(), patience),
                    () -> waiter.isGranted() || progress.reasonToStop() != EndReason.NONE);
        } finally {
            held = waiter.isGranted() || !permits.withdraw(waiter) ? permits : null;
        }
        long waited = engine.time().nanoTime() - from;
        engine.observers().count(telemetry -> telemetry.admissionWait(waited));
        return admittedOrNot(permits, waited, patience);
    }

    /** After the wait, with or without a permit: what ended it, if it was not the grant, also ends the execution. */
    private Progress.Step admittedOrNot(Permits permits, long waited, @Nullable Long patience) {
        EndReason reason = progress.reasonToStop();
        if (reason == EndReason.DEADLINE && held == null && isBeforeDeadline(patience)) {
            // It was over before the deadline, however late this thread came to see it.
            reason = EndReason.NONE;
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        if (held != null && reason == EndReason.NONE && !interrupted) {
            return progress.admitted();
        }
        giveBackPermit();
        if (reason != EndReason.NONE) {
            return progress.waitEnded(reason);
        }
        return interrupted ? interrupted() : progress.rejected(permits.limit(), permits.inUse(), waited);
    }

    private boolean isBeforeDeadline(@Nullable Long point) {
        Long deadline = progress.deadline();
        return point != null && deadline != null && Nanos.isBefore(point, deadline);
    }

    private void giveBackPermit() {
        Permits from = held;
        if (from != null) {
            held = null;
            from.giveBack();
        }
    }

    // ---------------------------------------------------------------- attempts

    private Progress.Step attempt() {
        AttemptFrame attempt = engine.frameFor(slot);
        attempt.begin(engine, progress, progress.attemptNumber());
        if (progress.hasLimits()) {
            attempt.limitsToSet().setFor(progress);
        }
        ObservedTask<T> observed = null;
        long from = clock();
        EndReason unwanted = EndReason.NONE;
        Result<T> report = null;
        Throwable thrown = null;
        boolean ours = false;
        slot.enter(attempt);
        try {
            // Looked at inside the frame: a cancel that comes later finds the frame, and interrupts it.
            unwanted = attempt.whyUnwanted();
            if (unwanted == EndReason.NONE) {
                attempt.limits().watchWith(engine.watchdog());
                Task<T> handed = progress.traced(task);
                if (!engine.runsOnCallersThread()) {
                    observed = new ObservedTask<>(handed);
                    handed = observed;
                }
                report = Attempts.read(engine.runner().execute(attempt.context(), progress.execution(), handed));
            }
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            if (report == null || !report.isSuccess()) {
                attempt.failed();
            }
            ours = slot.leave(attempt);
            giveBackPermit();
        }
        if (unwanted != EndReason.NONE) {
            return progress.waitEnded(unwanted);
        }
        Attempt<T> ended = Attempts.onCallersThread(attempt, ours, report, thrown, observed);
        if (ended.succeeded()) {
            attempt.retire();
            slot.putSpare(attempt);
        }
        return progress.attemptEnded(ended, clock() - from);
    }

    private Progress.Step attemptOnOwnThread() {
        PermitShare permit = new PermitShare(held);
        OwnThreadContext context = new OwnThreadContext(engine, progress, permit);
        EndReason unwanted = context.whyUnwanted();
        if (unwanted != EndReason.NONE) {
            giveBackPermit();
            return progress.waitEnded(unwanted);
        }
        ContextCarrier.Captured captured = Objects.requireNonNull(carried, "captured with the own-thread runner");
        Task<T> traced = progress.traced(task);
        Task<T> carriedTask = of -> captured.call(() -> traced.run(of));
        long from = clock();
        Result<T> report = null;
        Throwable thrown = null;
        held = null;
        try {
            report = Attempts.read(engine.runner().execute(context, progress.execution(), carriedTask));
        } catch (Throwable runnerFailed) {
            thrown = runnerFailed;
        } finally {
            permit.letGo();
        }
        Attempt<T> ended = Attempts.onOwnThread(context, report, thrown);
        if (!ended.succeeded()) {
            context.leaveBehind();
        }
        return progress.attemptEnded(ended, clock() - from);
    }

    // ---------------------------------------------------------------- waits

    private Progress.Step backOff() {
        if (progress.delay() > 0) {
            sleep(progress.delay());
        } else {
            engine.observers().count(telemetry -> telemetry.backoff(0));
        }
        boolean interrupted = Thread.currentThread().isInterrupted() && progress.reasonToStop() == EndReason.NONE;
        return interrupted ? interrupted() : progress.waited();
    }

    /** Until the delay is over or, where hooks have taken their time since it was decided, the deadline is reached. */
    private void sleep(long delay) {
        long from = engine.time().nanoTime();
        slot.await(
                engine.time(),
                nearer(from + delay, progress.deadline()),
                () -> progress.reasonToStop() != EndReason.NONE);
        long waited = engine.time().nanoTime() - from;
        engine.observers().count(telemetry -> telemetry.backoff(waited));
    }

    private Progress.Step interrupted() {
        boolean fromOutside = Attempts.isEndedFromOutside(slot);
        return progress.waitInterrupted(fromOutside ? InterruptedBy.OUTER_EXECUTION : InterruptedBy.STRANGER);
    }

    private long clock() {
        return progress.isTimed() ? engine.time().nanoTime() : 0;
    }

    private static @Nullable Long nearer(@Nullable Long a, @Nullable Long b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Nanos.earlier(a, b);
    }
}
