package io.grip.supervisor.execution;

import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.LeftThread;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.TimeSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on a thread of its own. Two threads meet here: the attempt's own, which ends it, and the caller's, which
 * leaves it; whichever comes first, in one compare-and-set on {@code outcome}, decides whether the report counts.
 */
final class OwnThreadAttempt<T extends @Nullable Object> extends Frame implements Runnable {

    /** Null while it runs and the caller waits; then the report, {@link #LEFT}, or what the thread died of. */
    private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

    private static final Object LEFT = new Object();

    private final ExecutionContext context;
    private final Task<T> task;
    private final Thread caller = Thread.currentThread();
    private final Watchdog watchdog;

    /** The own thread and its slot, published by the thread itself before it calls the task. */
    private volatile @Nullable ThreadSlot slot;

    private volatile @Nullable Thread thread;

    OwnThreadAttempt(ExecutionContext context, Task<T> task) {
        this.context = context;
        this.task = task;
        this.watchdog = Watchdog.of(context instanceof Timed timed ? timed.time() : TimeSource.system());
    }

    void start(String name) {
        thread = Threads.start(name, this);
    }

    boolean isOver() {
        return outcome.get() != null;
    }

    /** Called by the caller: takes the report if the attempt is over, else leaves it and interrupts its thread. */
    @SuppressWarnings("unchecked") // what is not LEFT is the report
    @Nullable
    Result<T> leave() {
        if (!outcome.compareAndSet(null, LEFT)) {
            Object seen = outcome.get();
            return seen instanceof Throwable died ? Result.failure(FailureKind.PANIC, died) : (Result<T>) seen;
        }
        ThreadSlot own = slot;
        if (own != null) {
            own.look();
        }
        Thread left = thread;
        if (left != null && context instanceof LeftThread watcher) {
            watcher.left(left);
        }
        return null;
    }

    /** Whatever happens on this thread, the caller waits for no other word than its. */
    @Override
    public void run() {
        Object ending;
        try {
            ending = callTask();
        } catch (Throwable died) {
            ending = died;
        }
        end(ending);
    }

    private Result<T> callTask() {
        ThreadSlot own = ThreadSlot.current();
        own.enter(this);
        try {
            slot = own;
            // The caller may have left before it could see the slot; then the interrupt is up to this thread.
            own.look();
            return CallerThreadRunner.report(context, task);
        } finally {
            own.leave(this);
        }
    }

    /** The thread's share of the permit goes back first: a caller that sees the report must see that too. */
    private void end(Object ending) {
        LeftThread watcher = context instanceof LeftThread left ? left : null;
        try {
            if (watcher != null) {
                watcher.ended();
            }
        } finally {
            if (outcome.compareAndSet(null, ending)) {
                LockSupport.unpark(caller);
            } else if (watcher != null && ending instanceof Result<?> report && report.isSuccess()) {
                watcher.lateValue();
            }
        }
    }

    @Override
    public Object context() {
        return context;
    }

    @Override
    protected boolean isDue() {
        return outcome.get() == LEFT;
    }

    @Override
    protected @Nullable Long nextDue() {
        return null;
    }

    @Override
    protected Watchdog watchdog() {
        return watchdog;
    }
}
