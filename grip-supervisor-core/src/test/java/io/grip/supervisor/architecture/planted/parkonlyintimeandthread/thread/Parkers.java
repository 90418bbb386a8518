package io.grip.supervisor.architecture.planted.parkonlyintimeandthread.thread;

import java.util.concurrent.locks.LockSupport;

final class Parkers {
    static final class GoodPark {
        void park() {
            LockSupport.park();
        }
    }
}
