package io.grip.supervisor.tree;

/**
 * Work that is kept alive: a poller, a consumer, a loop. It runs until it is asked to stop; what its end means otherwise
 * is for the {@link ChildSpec} to say.
 *
 * <p>Each run is one incarnation, on a thread that is its child's alone. One that follows another without any delay goes on
 * on the same thread, with what that left there in thread locals; every other one gets a new thread. A worker that may meet an incarnation of itself that was
 * abandoned must be safe for use by several threads; otherwise no two incarnations of a child ever overlap.
 */
@FunctionalInterface
public interface Worker {

    /**
     * Works, and returns or throws soon after {@link WorkerContext#stopRequested()} turns true.
     *
     * @param context of this incarnation
     * @throws Exception whatever ends the incarnation; after a stop was asked for it is logged and means nothing else
     */
    void run(WorkerContext context) throws Exception;
}
