package io.grip.supervisor.architecture.planted.parkonlyintimeandthread.engine;

import java.util.concurrent.locks.LockSupport;

final class Parkers {
    static final class BadPark {
        void park() {
            LockSupport.park();
        }
    }

    static final class BadParkNanos {
        void park() {
            LockSupport.parkNanos(this, 1);
        }
    }

    static final class GoodUnpark {
        void park() {
            LockSupport.unpark(Thread.currentThread());
        }
    }
}
