package io.grip.supervisor.architecture.planted.threadsonlyfromtimeandthread.tree;

import io.grip.supervisor.architecture.planted.threadsonlyfromtimeandthread.thread.Worker;
import java.util.Timer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;

final class Starters {
    static final class BadNew {
        Thread thread = new Thread(() -> {});
    }

    static final class BadReference {
        Function<Runnable, Thread> factory = Thread::new;
    }

    static final class BadSubclass extends Thread {}

    static final class BadStart {
        void start(Worker worker) {
            worker.start();
        }
    }

    static final class BadExecutors {
        ExecutorService executor = Executors.newCachedThreadPool();
    }

    static final class BadPool {
        ForkJoinPool pool = new ForkJoinPool();
    }

    static final class BadTimer {
        Timer timer = new Timer();
    }

    static final class GoodUse {
        boolean interrupted = Thread.currentThread().isInterrupted();
    }
}
