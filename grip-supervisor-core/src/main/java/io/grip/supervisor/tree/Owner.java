package io.grip.supervisor.tree;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The one owner of all state of a tree: applies commands one at a time, wherever its executor runs it, or on the thread of
 * an incarnation that ends. What a command does to the state is seen by the next one.
 *
 * <p>Any thread may submit; submitting never blocks, and what is submitted is applied in the order of its arrival. With an
 * executor that runs in place, whoever submits first applies what others submit meanwhile too, and a command submitted by
 * a command comes after it, never inside it.
 */
final class Owner {

    private static final System.Logger LOG = System.getLogger("io.grip.supervisor.tree");

    /** So many commands of others at most are applied by a thread that came with one of its own. */
    static final int FOR_OTHERS = 16;

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final Count count = new Count();
    private final Executor executor;

    Owner(Executor executor) {
        this.executor = executor;
    }

    void submit(Command command) {
        commands.add(command);
        if (count.increment()) {
            handOver();
        }
    }

    /**
     * Applies a command on the calling thread, as soon as nobody else applies one. It comes before what is submitted
     * meanwhile; of that too the thread may have to apply some, but never without end: what is left is handed to the
     * executor. An interrupt does not end the wait; the flag is set again.
     *
     * <p>For a thread with nothing of its callers' on it: neither locks, nor a stack that is nearly used up.
     *
     * @param inTurn whether those go first that wait here already; otherwise the thread may be quicker
     */
    void applyHere(Command command, boolean inTurn) {
        count.acquire(inTurn ? Count.IN_TURN : Count.AT_ONCE);
        apply(command);
        for (int i = 0; !count.release(1); i++) {
            if (i == FOR_OTHERS) {
                handOver();
                return;
            }
            apply(commands.remove());
        }
    }

    private void handOver() {
        try {
            executor.execute(this::drain);
        } catch (Throwable refused) {
            LOG.log(System.Logger.Level.WARNING, "the tree's executor refused work; it is done in place", refused);
            drain();
        }
    }

    private void drain() {
        int taken;
        do {
            taken = count.get();
            for (int i = 0; i < taken; i++) {
                apply(commands.remove());
            }
        } while (!count.release(taken));
    }

    /** A command that throws is a defect, or a lack of memory: the ones after it must be applied all the same. */
    private static void apply(Command command) {
        try {
            command.apply();
        } catch (Throwable defect) {
            LOG.log(System.Logger.Level.ERROR, "a command of the tree failed: " + command.getClass(), defect);
        }
    }

    /**
     * How many commands wait or are being applied; whoever makes it leave zero is the owner until it is zero again, or
     * hands that on. The queue is of threads that wait for zero. To give each its turn would cost a switch of threads for
     * each command; to let the running ones always be quicker would let the others starve.
     */
    private static final class Count extends AbstractQueuedSynchronizer {

        private static final long serialVersionUID = 1L;

        static final int AT_ONCE = 0;
        static final int IN_TURN = 1;

        int get() {
            return getState();
        }

        /** Returns whether the calling thread is the owner now. */
        boolean increment() {
            int before;
            do {
                before = getState();
            } while (!compareAndSetState(before, before + 1));
            return before == 0;
        }

        @Override
        protected boolean tryAcquire(int how) {
            return (how == AT_ONCE || !hasQueuedPredecessors()) && compareAndSetState(0, 1);
        }

        /** Only the owner takes away. */
        @Override
        protected boolean tryRelease(int applied) {
            int before;
            do {
                before = getState();
            } while (!compareAndSetState(before, before - applied));
            return before == applied;
        }
    }
}
