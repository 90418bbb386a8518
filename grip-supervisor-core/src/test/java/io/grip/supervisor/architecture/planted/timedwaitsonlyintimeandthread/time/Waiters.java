package io.grip.supervisor.architecture.planted.timedwaitsonlyintimeandthread.time;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

final class Waiters {
    static final class GoodLatch {
        void await() throws Exception {
            new CountDownLatch(1).await(1, TimeUnit.SECONDS);
        }
    }
}
