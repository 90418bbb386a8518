package io.grip.supervisor.architecture.planted.timedwaitsonlyintimeandthread.admission;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

final class Waiters {
    static final class BadMonitor {
        void await() throws Exception {
            wait(1);
        }
    }

    static final class BadJoin {
        void await() throws Exception {
            Thread.currentThread().join(1);
        }
    }

    static final class BadTimedJoin {
        void await() throws Exception {
            TimeUnit.SECONDS.timedJoin(Thread.currentThread(), 1);
        }
    }

    static final class BadLatch {
        void await() throws Exception {
            new CountDownLatch(1).await(1, TimeUnit.SECONDS);
        }
    }

    static final class BadSemaphore {
        void await() throws Exception {
            new Semaphore(1).tryAcquire(1, TimeUnit.SECONDS);
        }
    }

    static final class BadCondition {
        void await() throws Exception {
            new ReentrantLock().newCondition().await(1, TimeUnit.SECONDS);
        }
    }

    static final class BadFuture {
        void await() throws Exception {
            new CompletableFuture<String>().get(1, TimeUnit.SECONDS);
        }
    }

    static final class BadOrTimeout {
        void await() throws Exception {
            new CompletableFuture<String>().orTimeout(1, TimeUnit.SECONDS);
        }
    }

    static final class BadDelay {
        void await() throws Exception {
            CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
        }
    }

    static final class GoodLatch {
        void await() throws Exception {
            new CountDownLatch(1).await();
        }
    }

    static final class GoodJoin {
        void await() throws Exception {
            Thread.currentThread().join();
        }
    }

    static final class GoodConversion {
        long nanos = TimeUnit.SECONDS.convert(1, TimeUnit.DAYS);
    }
}
