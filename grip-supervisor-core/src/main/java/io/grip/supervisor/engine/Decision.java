package io.grip.supervisor.engine;

/**
 * What follows a finished attempt.
 *
 * @param next retry, restart, or the end
 * @param delay how long to wait before, in nanoseconds; 0 at the end
 * @param exhausted at the end of a failure: whether it was worth a retry for which no attempt or no time was left
 */
record Decision(Next next, long delay, boolean exhausted) {

    /** What follows. */
    enum Next {
        RETRY,
        RESTART,
        END,
        /** The end, because the supervisor is draining or closed, of what would have gone on. */
        END_BY_SHUTDOWN
    }

    static final Decision END = new Decision(Next.END, 0, false);
    static final Decision END_EXHAUSTED = new Decision(Next.END, 0, true);
    static final Decision END_BY_SHUTDOWN = new Decision(Next.END_BY_SHUTDOWN, 0, false);

    static Decision retry(long delay) {
        return new Decision(Next.RETRY, delay, false);
    }

    static Decision restart(long delay) {
        return new Decision(Next.RESTART, delay, false);
    }
}
