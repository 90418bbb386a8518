package io.grip.supervisor.thread;

/**
 * Told of a thread that a caller may leave behind: implemented by contexts that must know when the thread is really
 * over, because a permit goes with it. Safe for use by any thread.
 */
public interface LeftThread {

    /** Called by the caller's thread: it leaves, and the thread, already interrupted, lives on for now. */
    void left(Thread thread);

    /**
     * Called once, on the thread itself when the task is over, or by the caller if the thread could not be started;
     * possibly before {@link #left}, whose caller may be late.
     */
    void ended();

    /** Called after {@link #ended} on the thread itself: the task returned a value that nobody waited for any more. */
    void lateValue();
}
