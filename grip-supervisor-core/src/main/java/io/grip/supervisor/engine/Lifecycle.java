package io.grip.supervisor.engine;

import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an engine takes executions, and how it ends.
 *
 * <pre>
 *   OPEN - DRAINING --> CLOSING --> INTERRUPTING --> CLOSED    (resume leads from DRAINING back to OPEN)
 *    |                     |   grace over  |   1 s over  |
 *    +---------------------+---------------+-------------+   or as soon as nothing runs any more
 * </pre>
 *
 * <p>A close goes its way by the timer, whether or not the thread that asked for it still waits. Those who wait are woken
 * by each execution that ends. Safe for use by any thread.
 */
final class Lifecycle {

    private enum State {
        OPEN,
        DRAINING,
        CLOSING,
        INTERRUPTING,
        CLOSED
    }

    /** How long after the interrupt a close still waits: 1 s. */
    private static final long AFTER_INTERRUPT = 1_000_000_000L;

    /** How long a close waits for telemetry that another thread tells of the end: 1 s. It may hang. */
    private static final long FOR_TELEMETRY = 1_000_000_000L;

    private final Engine engine;
    private final long grace;
    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

    /** Read by every execution, so a plain volatile; changed by {@link #move} alone, under the monitor. */
    private volatile State state = State.OPEN;

    /**
     * Whether the end of an execution interests anybody. An execution leaves its frame and then reads it; who waits sets it,
     * stops all threads for a moment, and then reads the frames; so one of the two sees the other.
     */
    private volatile boolean awaited;

    /**
     * Publishes that all threads were stopped after the close began: from then on each execution that has not seen the
     * close is seen by whoever looks at the frames, and each that ends sees that this is awaited.
     */
    private volatile boolean closeIsSeen;

    private volatile TimeSource.@Nullable Timer nextStep;

    /** Who tells the telemetry of the end, or has told it; a close in there does not wait for that. */
    private volatile @Nullable Thread teller;

    /** Publishes that the telemetry was told of the end, which a close waits for. */
    private volatile boolean told;

    Lifecycle(Engine engine, Duration grace) {
        this.engine = engine;
        this.grace = Nanos.of(grace);
    }

    /** The one place where the state changes: never back but for a resume, and to the same state never. */
    private synchronized boolean move(State to) {
        boolean legal = to == State.OPEN ? state == State.DRAINING : state.compareTo(to) < 0;
        if (legal) {
            state = to;
        }
        return legal;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isClosed() {
        return state.compareTo(State.CLOSING) >= 0;
    }

    boolean isInterrupting() {
        return state.compareTo(State.INTERRUPTING) >= 0;
    }

    void drain() {
        if (move(State.DRAINING)) {
            endWaits();
        }
    }

    void resume() {
        move(State.OPEN);
    }

    /** Called by any thread, a supervised one too, whose own execution it then does not wait for. */
    void close() {
        beginClose(List.of(this));
        awaitEnd(executionsOfThisThread());
    }

    /** Sets closes going, which then go their way, and does not wait for them; all threads are stopped once for all. */
    static void beginClose(List<Lifecycle> lifecycles) {
        List<Lifecycle> first = new ArrayList<>();
        try {
            for (Lifecycle lifecycle : lifecycles) {
                if (lifecycle.move(State.CLOSING)) {
                    first.add(lifecycle);
                    // The grace begins before all that takes its time.
                    lifecycle.schedule(lifecycle.grace, lifecycle::interruptAll);
                }
            }
        } finally {
            if (!first.isEmpty()) {
                closeIsBegun(first);
            }
        }
    }

    private static void closeIsBegun(List<Lifecycle> lifecycles) {
        lifecycles.forEach(Lifecycle::updateAwaited);
        try {
            ThreadSlot.stopAll();
            lifecycles.forEach(lifecycle -> lifecycle.closeIsSeen = true);
        } finally {
            ThreadSlot.lookAtAll();
            lifecycles.forEach(lifecycle -> lifecycle.engine.look());
        }
        // An execution that ended before this could not tell whether it was the last.
        lifecycles.forEach(Lifecycle::closeIfIdle);
    }

    boolean awaitIdle(Duration timeout) throws InterruptedException {
        Set<Object> own = executionsOfThisThread();
        long until = Nanos.after(engine.time().nanoTime(), timeout);
        // What was seen is what counts: another execution may have begun since.
        boolean[] idle = {false};
        await(until, () -> idle[0] = isIdle(own));
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for '" + engine.name() + "' to become idle");
        }
        return idle[0];
    }

    /** Called when an execution has ended, on whichever thread that happened. */
    void executionEnded() {
        if (awaited) {
            // Who has begun to wait since either is in the set below, or sees that the frame was left.
            VarHandle.fullFence();
            waiting.forEach(LockSupport::unpark);
            closeIfIdle();
        }
    }

    private void await(@Nullable Long until, BooleanSupplier over) {
        Thread waiter = Thread.currentThread();
        waiting.add(waiter);
        updateAwaited();
        try {
            if (!closeIsSeen) {
                ThreadSlot.stopAll();
            }
            ThreadSlot.current().await(engine.time(), until, over);
        } finally {
            waiting.remove(waiter);
            updateAwaited();
        }
    }

    private synchronized void updateAwaited() {
        awaited = isClosed() || !waiting.isEmpty();
    }

    private void awaitEnd(Set<Object> own) {
        if (own.isEmpty()) {
            awaitClosed();
        } else {
            await(null, () -> state == State.CLOSED || isIdle(own));
        }
        if (state == State.CLOSED && teller != Thread.currentThread()) {
            await(engine.time().nanoTime() + FOR_TELEMETRY, () -> told);
        }
    }

    /** Idle for a moment is not enough: the close may not be seen by all yet, or a call on its way to be refused. */
    private void awaitClosed() {
        do {
            await(null, () -> state == State.CLOSED || isOver());
            closeIfIdle();
        } while (state != State.CLOSED && !Thread.currentThread().isInterrupted());
    }

    private void interruptAll() {
        if (move(State.INTERRUPTING)) {
            schedule(AFTER_INTERRUPT, this::closed);
            endWaits();
        }
    }

    private void schedule(long delay, Runnable step) {
        TimeSource.Timer timer = engine.time().schedule(engine.time().nanoTime() + delay, step);
        nextStep = timer;
        if (state == State.CLOSED) {
            timer.cancel();
        }
    }

    private void closeIfIdle() {
        if (state != State.CLOSED && isOver()) {
            closed();
        }
    }

    private boolean isOver() {
        return closeIsSeen && isIdle(Set.of());
    }

    private void closed() {
        if (move(State.CLOSED)) {
            teller = Thread.currentThread();
            try {
                TimeSource.Timer step = nextStep;
                if (step != null) {
                    step.cancel();
                }
                engine.observers().closed();
            } finally {
                told = true;
                waiting.forEach(LockSupport::unpark);
            }
        }
    }

    /** Makes every wait, and every attempt that may have to be interrupted, look at the state. */
    private void endWaits() {
        ThreadSlot.lookAtAll();
        engine.look();
    }

    // ---------------------------------------------------------------- what still runs

    private boolean isIdle(Set<Object> except) {
        return !ThreadSlot.anyFrame(frame -> isOfOurs(frame, except))
                && engine.asyncRuns().areOverBut(except);
    }

    /** A thread of an attempt's own does not count: its execution does, until it has left the thread behind. */
    private boolean isOfOurs(Frame frame, Set<Object> except) {
        if (frame instanceof RestFrame rest) {
            // Another thread's: one that rests does not ask, unless a test's clock runs its timers there.
            return rest.engine() == engine;
        }
        return (frame instanceof RunFrame || frame instanceof AttemptFrame)
                && frame.isRunning()
                && frame.context() instanceof Member member
                && member.engine() == engine
                && !except.contains(member.root());
    }

    private Set<Object> executionsOfThisThread() {
        Set<Object> roots = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Frame frame = ThreadSlot.current().top(); frame != null; frame = frame.outer()) {
            if (frame.context() instanceof Member member && member.engine() == engine) {
                roots.add(member.root());
            }
        }
        return roots;
    }
}
