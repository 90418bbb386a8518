package io.grip.supervisor.tree;

import java.time.Duration;

/**
 * What a worker knows of its own incarnation and tells its supervisor. Safe for use by any thread the worker hands it
 * to; nothing here blocks. Calls that come from an incarnation the supervisor has given up on change nothing.
 */
public interface WorkerContext {

    /**
     * Says that the worker is up. With {@link ChildSpec#awaitReady()} the child counts as running from here on and the
     * next one may start; without it this changes nothing. It does not forgive earlier failures: only time does.
     */
    void ready();

    /** Says that the work goes on. Starts the watchdog's span anew, where the child has one. */
    void heartbeat();

    /**
     * Says that a step is under way that may take longer than the watchdog allows.
     *
     * @param span how long from now on no heartbeat is expected, positive
     */
    void extend(Duration span);

    /** Says that the worker waits for work: no heartbeat is expected until the next one was given. */
    void idle();

    /** Whether the worker should come to its end. */
    boolean stopRequested();

    /**
     * Registers what to close when a stop has lasted longer than its grace: the only thing that frees a thread from a
     * read of a socket. Closed at once if that has happened already; never on the worker's own thread.
     *
     * @param closeable closed at most once; what it throws is reported and ignored
     */
    void onForceStop(AutoCloseable closeable);

    /**
     * Whether this incarnation is still the child's: false once the supervisor has given up on it, because it was
     * abandoned, missed its heartbeat or its start timeout. Ask before a side effect that must not happen twice.
     */
    boolean isCurrent();

    /** The number of this incarnation, growing with each one of the child: a fencing token. */
    long generation();
}
