package io.grip.supervisor.tree;

import io.grip.supervisor.thread.Threads;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A thread that is one child's alone, so that an interrupt never lands in foreign work. It lives one incarnation, and the
 * next ones too as long as each follows at once.
 */
final class OneThread implements Launcher.Handle, Runnable {

    /**
     * So many incarnations follow each other before those go first that wait to tell of their end: few enough that a
     * thousand children that fail as soon as they start have each its turn in about a tenth of a second, and enough that
     * the change of threads costs little.
     */
    private static final int TURN = 256;

    /** A virtual thread is not preempted: others would not even run. */
    private static final int VIRTUAL_TURN = 64;

    /** Until it runs. */
    private @Nullable Incarnation first;

    /** The owner's, which starts it. */
    private @Nullable Thread thread;

    private OneThread(Incarnation first) {
        this.first = first;
    }

    static OneThread start(String name, Incarnation first) {
        OneThread one = new OneThread(first);
        one.thread = Threads.startBare(name, first.node.tree.contextLoader, one);
        return one;
    }

    @Override
    public void run() {
        Incarnation incarnation = Objects.requireNonNull(first);
        first = null;
        Thread self = Thread.currentThread();
        String name = self.getName();
        boolean isPreempted = !Threads.isVirtual(self);
        int turn = isPreempted ? TURN : VIRTUAL_TURN;
        int lives = 0;
        incarnation.enter();
        do {
            Throwable thrown = incarnation.live();
            putRight(self, name, incarnation.node.tree.contextLoader);
            boolean turnIsOver = ++lives % turn == 0;
            if (turnIsOver && !isPreempted) {
                Thread.yield();
            }
            incarnation = incarnation.endOrGoOn(thrown, turnIsOver);
        } while (incarnation != null);
    }

    /** What a worker may have done to its thread: the next incarnation finds it as the first one did. */
    private static void putRight(Thread self, String name, @Nullable ClassLoader contextLoader) {
        Thread.interrupted();
        if (!self.getName().equals(name)) {
            self.setName(name);
        }
        if (self.getContextClassLoader() != contextLoader) {
            self.setContextClassLoader(contextLoader);
        }
        if (self.getPriority() != Thread.NORM_PRIORITY) {
            self.setPriority(Thread.NORM_PRIORITY);
        }
        self.setUncaughtExceptionHandler(null);
    }

    @Override
    public void interrupt() {
        thread().interrupt();
    }

    @Override
    public List<StackTraceElement> stack() {
        return List.of(thread().getStackTrace());
    }

    private Thread thread() {
        return Objects.requireNonNull(thread);
    }
}
