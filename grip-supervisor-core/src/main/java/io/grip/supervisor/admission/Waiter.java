package io.grip.supervisor.admission;

/** One that waits for a permit, blocked or not. Its state belongs to the {@link Permits} it waits at. */
public abstract class Waiter {

    enum State {
        /** In the queue. */
        WAITING,
        /** Owns a permit. */
        GRANTED,
        /** Left the queue without one. */
        WITHDRAWN
    }

    final long arrival;

    /** When it came to the queue, for the order among equal numbers; written once under the lock of the permits. */
    long turn;

    /** Written under the lock of the permits; volatile so that a blocked waiter sees the grant without it. */
    volatile State state = State.WAITING;

    /**
     * A waiter.
     *
     * @param arrival the number that its execution drew from {@link Permits#arrive()}
     */
    protected Waiter(long arrival) {
        this.arrival = arrival;
    }

    /** Called once when a permit was granted, with no lock held, by the thread that made it free: it only wakes. */
    protected abstract void granted();

    /** Whether it owns a permit. */
    public final boolean isGranted() {
        return state == State.GRANTED;
    }
}
