package io.grip.supervisor.engine;

/**
 * What an {@link AsyncRun} waits for while no thread owns it: the end of a backoff, a permit, a stage, the executor.
 *
 * <p>A wait ends once: whoever {@linkplain AsyncRun#seize seizes} the run from it owns the run, and all others come too
 * late. Its methods are called by any thread; none of them calls a task or a hook, but for {@link #next} and
 * {@link #failed}, which are their owner's.
 */
interface Wait {

    /** What the run is published as waiting for. */
    default Object token() {
        return this;
    }

    /**
     * Called once the run is published as waiting for this: sees to it that the wait ends some day, which it may do
     * before this returns, on another thread.
     *
     * @return whether it has ended on the spot and this thread owns the run again; nothing is thrown then
     */
    boolean begin();

    /** Called by the owner if the wait has ended on the spot: the next step. */
    Progress.Step next();

    /** Called by the owner if the wait could not begin: leaves nothing behind, and says what is next. */
    Progress.Step failed(Throwable thrown);

    /** Why the wait should end before its time; {@link EndReason#NONE} if it should not. */
    EndReason whyDue();

    /** Ends the wait before its time, unless it has ended; the executor goes on with the run. */
    void end(EndReason reason);

    /** Ends it because the future was completed by somebody else. */
    default void abandon() {
        end(EndReason.CANCEL);
    }
}
