package io.grip.supervisor.tree;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one owner of all state of a tree: applies commands one at a time, in the order of their arrival, wherever its
 * executor runs it. What a command does to the state is seen by the next one.
 *
 * <p>Any thread may submit; submitting never blocks. With an executor that runs in place, whoever submits first applies
 * what others submit meanwhile too, and a command submitted by a command comes after it, never inside it.
 */
final class Owner {

    private static final System.Logger LOG = System.getLogger("io.grip.supervisor.tree");

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();

    /** How many commands wait or are being applied; whoever makes it leave zero has the loop run. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final Executor executor;

    Owner(Executor executor) {
        this.executor = executor;
    }

    void submit(Command command) {
        commands.add(command);
        if (waiting.getAndIncrement() == 0) {
            handOver();
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
        int taken = waiting.get();
        do {
            for (int i = 0; i < taken; i++) {
                apply(commands.remove());
            }
            taken = waiting.addAndGet(-taken);
        } while (taken != 0);
    }

    /** A command that throws is a defect, or a lack of memory: the ones after it must be applied all the same. */
    private static void apply(Command command) {
        try {
            command.apply();
        } catch (Throwable defect) {
            LOG.log(System.Logger.Level.ERROR, "a command of the tree failed: " + command.getClass(), defect);
        }
    }
}
