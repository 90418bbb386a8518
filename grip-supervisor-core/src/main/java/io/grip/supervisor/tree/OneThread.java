package io.grip.supervisor.tree;

import io.grip.supervisor.thread.GivingWay;
import io.grip.supervisor.thread.Threads;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
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

    /** What it is to live next, until it does; set as part of the end of the one before, on this thread. */
    private @Nullable Incarnation next;

    /** The owner's, which starts it. */
    private @Nullable Thread thread;

    private final String name;

    /** Made with the first turn that ends; seen by this thread only. */
    private @Nullable GivingWay way;

    /** Publishes that the thread gives way, which ends as soon as its incarnation is asked to stop. */
    private volatile boolean givesWay;

    private OneThread(String name, Incarnation first) {
        this.name = name;
        this.next = first;
    }

    static OneThread start(String name, Incarnation first) {
        OneThread one = new OneThread(name, first);
        one.thread = Threads.startBare(name, first.node.tree.contextLoader, one);
        return one;
    }

    /** A virtual thread that waits keeps this frame on the heap: it has hardly anything in it. */
    @Override
    public void run() {
        Incarnation now = next;
        for (int lives = 1; now != null; lives++) {
            next = null;
            if (lives == 1) {
                // Those that follow are entered as the one before ends.
                now.enter();
            }
            Throwable thrown = null;
            try {
                now.begin().run(now);
            } catch (Throwable anything) {
                thrown = anything;
            }
            end(now, thrown, lives);
            now = next;
        }
    }

    private void end(Incarnation ended, @Nullable Throwable thrown, int lives) {
        Thread self = Thread.currentThread();
        boolean isVirtual = Threads.isVirtual(self);
        boolean turnIsOver = lives % (isVirtual ? VIRTUAL_TURN : TURN) == 0;
        putRight(self, ended.node.tree.contextLoader);
        if (turnIsOver && isVirtual) {
            giveWay(ended);
        }
        ended.endOrGoOn(thrown, turnIsOver);
    }

    /** Before the end is told, so that there is nothing to do for the child meanwhile. */
    private void giveWay(Incarnation ended) {
        if (way == null) {
            way = new GivingWay();
        }
        givesWay = true;
        // Whoever asks it to stop writes that first and then looks here.
        if (!ended.stopRequested()) {
            way.giveWay(ended.longestSilence());
        }
        givesWay = false;
        // That was meant for the wait.
        Thread.interrupted();
    }

    @Override
    public void wake() {
        if (givesWay) {
            LockSupport.unpark(thread());
        }
    }

    @Override
    public void goOn(Incarnation incarnation) {
        next = incarnation;
    }

    /** What a worker may have done to its thread: the next incarnation finds it as the first one did. */
    private void putRight(Thread self, @Nullable ClassLoader contextLoader) {
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
