package io.grip.supervisor.tree;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.AbstractQueuedLongSynchronizer;

/**
 * The one owner of all state of a tree: applies commands one at a time, wherever its executor runs it, or on the thread of
 * an incarnation that ends. What a command does to the state is seen by the next one.
 *
 * <p>Any thread may submit; submitting never blocks, and what is submitted is applied in the order of its arrival. With an
 * executor that runs in place, whoever submits first applies what others submit meanwhile too, and a command submitted by
 * a command comes after it, never inside it.
 *
 * <p>While there is no owner, threads of incarnations may apply ends that concern nobody but their own children, any number
 * of them at the same time: see {@link #applyBeside}.
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
        count.enter(inTurn);
        apply(command);
        if (!count.release(1)) {
            applyOfOthers();
        }
    }

    /**
     * As {@link #applyHere}, but at the same time as others do this: as soon as there is no owner, and there will be none
     * meanwhile. So whatever is the owner's stands still but for what is done here, and that must be to one child alone,
     * by the only thread that would.
     *
     * @param command asked then whether it is of that kind
     * @return whether it was, and has been applied
     */
    boolean applyBeside(Command.Ended command, boolean inTurn) {
        count.enterBeside(inTurn);
        boolean applied = false;
        try {
            applied = command.concernsItsChildAlone();
            if (applied) {
                apply(command);
            }
        } finally {
            if (count.leaveBeside()) {
                applyOfOthers();
            }
        }
        return applied;
    }

    /** As the owner, on a thread that came with a command of its own. */
    private void applyOfOthers() {
        for (int i = 0; i < FOR_OTHERS; i++) {
            apply(commands.remove());
            if (count.release(1)) {
                return;
            }
        }
        handOver();
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
     * How many commands wait or are being applied, and how many threads are in there beside each other. Whoever makes the
     * first leave zero while the second is zero is the owner, or whoever makes the second zero while the first is not;
     * until the first is zero again, or the owner hands that on. So while there is a command none comes in beside.
     *
     * <p>The queue is of threads that wait to come in. To give each its turn would cost a switch of threads for each
     * command; to let the running ones always be quicker would let the others starve.
     */
    private static final class Count extends AbstractQueuedLongSynchronizer {

        private static final long serialVersionUID = 1L;

        private static final long COMMAND = 1;

        /** One thread beside others; what is below it counts the commands. */
        private static final long BESIDE = 1L << 32;

        private static final long AT_ONCE = 0;
        private static final long IN_TURN = 1;

        /**
         * How many wait to be the owner: threads that want in beside others are not quicker than these. One that reads an
         * old value is quicker once more, no harm in that.
         */
        private final AtomicInteger waiting = new AtomicInteger();

        /** How many commands there are. Asked by the owner, so none is in there beside. */
        int get() {
            return (int) getState();
        }

        /** Returns whether the calling thread is the owner now. */
        boolean increment() {
            return add(COMMAND) == COMMAND;
        }

        /** With a command of its own, the only one then. */
        void enter(boolean inTurn) {
            long how = inTurn ? IN_TURN : AT_ONCE;
            if (!tryAcquire(how)) {
                waiting.incrementAndGet();
                try {
                    acquire(how);
                } finally {
                    waiting.decrementAndGet();
                }
            }
        }

        void enterBeside(boolean inTurn) {
            if (inTurn || waiting.get() != 0 || !tryEnterBeside()) {
                acquireShared(IN_TURN);
            }
        }

        /** Returns whether the calling thread is the owner now, by commands that have come meanwhile. */
        boolean leaveBeside() {
            long left = add(-BESIDE);
            if (left == 0) {
                releaseShared(0);
            }
            return left > 0 && left < BESIDE;
        }

        private boolean tryEnterBeside() {
            long before;
            do {
                before = getState();
                if ((int) before != 0) {
                    return false;
                }
            } while (!compareAndSetState(before, before + BESIDE));
            return true;
        }

        /** Returns what it is then. */
        private long add(long more) {
            long before;
            do {
                before = getState();
            } while (!compareAndSetState(before, before + more));
            return before + more;
        }

        @Override
        protected boolean tryAcquire(long how) {
            return (how == AT_ONCE || !hasQueuedPredecessors()) && compareAndSetState(0, COMMAND);
        }

        /** Only the owner takes away. */
        @Override
        protected boolean tryRelease(long applied) {
            return add(-applied) == 0;
        }

        @Override
        protected long tryAcquireShared(long inTurn) {
            return !hasQueuedPredecessors() && tryEnterBeside() ? 1 : -1;
        }

        /** Called when nobody is in there: whoever is the first to wait looks again. */
        @Override
        protected boolean tryReleaseShared(long nothing) {
            return true;
        }
    }
}
