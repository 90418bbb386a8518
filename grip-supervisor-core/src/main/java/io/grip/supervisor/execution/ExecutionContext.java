package io.grip.supervisor.execution;

import java.time.Duration;
import java.util.Optional;

/**
 * What a task can know and say about the attempt it is part of: whether it is still wanted, how long it has, which
 * attempt it is. Contexts form chains: a context is cancelled when its parent is, and never has more time than it.
 *
 * <p>A context is bound to its attempt by the first question that anybody asks it. To hand one to something that may
 * outlive the attempt, ask it first, be it only {@link #attempt()}: one that is kept beyond its execution without ever
 * having been asked may come to stand for a later attempt of the same thread. That is the price of a call that
 * allocates nothing for a task that has no use for its context.
 *
 * <p>Safe for use by any thread. Not meant to be implemented outside the library.
 */
public interface ExecutionContext {

    /** The context that is never cancelled and has no deadline, from which others are derived. */
    static ExecutionContext background() {
        return BackgroundContext.INSTANCE;
    }

    /**
     * The context of the supervised code that runs on the calling thread: of the attempt inside a task, of the whole
     * execution inside a hook, {@link #background()} elsewhere.
     */
    static ExecutionContext current() {
        return CurrentContext.get();
    }

    /**
     * Says that the work is no longer wanted: ends any wait of it at once and interrupts the thread of a running
     * attempt. Cancelling twice, or after the end, does nothing.
     *
     * @throws UnsupportedOperationException on {@link #background()}
     */
    void cancel();

    /**
     * Whether the work is no longer wanted: this context or a parent was cancelled, its time is over, or the attempt it
     * belongs to has ended.
     */
    boolean isCancelled();

    /** The time left, never negative; empty if there is no limit. */
    Optional<Duration> remaining();

    /** The number of the attempt within its incarnation, from 1; 0 outside of attempts. */
    int attempt();

    /**
     * Says that this attempt has begun to deliver and cannot be repeated: no retry and no restart follows its failure,
     * and its attempt timeout no longer applies; the deadline does. Meant for what streams its result, and for a point
     * of no return. Without effect outside of attempts.
     */
    void commit();

    /**
     * A child of this context that is cancelled after a time at the latest.
     *
     * @param timeout how long the child has, positive; cut to what this context has left
     * @throws IllegalArgumentException if the timeout is not positive
     */
    default ExecutionContext withTimeout(Duration timeout) {
        return TimedContext.within(this, timeout);
    }
}
