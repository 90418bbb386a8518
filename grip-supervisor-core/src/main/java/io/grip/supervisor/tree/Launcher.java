package io.grip.supervisor.tree;

import io.grip.supervisor.thread.Threads;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Where a tree gets its threads; a seam, so that tests can play each incarnation step by step. */
interface Launcher {

    /** Starts a thread of its own for an incarnation. */
    Handle launch(String name, Incarnation incarnation);

    /** Starts a daemon thread for code that may do anything, such as stopping the tree. */
    void detached(String name, Runnable body);

    /** Keeps the JVM from exiting until the latch is open. */
    void keepAlive(String name, CountDownLatch ended);

    /** The thread of one incarnation, or of several that follow each other at once. */
    interface Handle {

        void interrupt();

        /** Called once its incarnation was asked to stop: it is not to wait on its own account any longer. */
        default void wake() {}

        /**
         * It serves this incarnation now, whose code is called as soon as it is free to. Called on that thread, as
         * part of the end of an incarnation that {@linkplain Incarnation#lendsThread lends} it.
         */
        default void goOn(Incarnation next) {
            throw new IllegalStateException("no thread was lent to " + next.node.path);
        }

        /** Where it is now, innermost call first. */
        List<StackTraceElement> stack();
    }

    /** Real threads: virtual ones where the JVM has them, else daemons. */
    static Launcher threads() {
        return RealThreads.INSTANCE;
    }

    /** Stateless. */
    final class RealThreads implements Launcher {

        private static final RealThreads INSTANCE = new RealThreads();

        @Override
        public Handle launch(String name, Incarnation incarnation) {
            return OneThread.start(name, incarnation);
        }

        @Override
        public void detached(String name, Runnable body) {
            Threads.start(name, body);
        }

        @Override
        public void keepAlive(String name, CountDownLatch ended) {
            Threads.startKeeper(name, ended);
        }
    }
}
