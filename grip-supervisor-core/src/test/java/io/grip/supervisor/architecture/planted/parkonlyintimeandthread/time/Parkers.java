package io.grip.supervisor.architecture.planted.parkonlyintimeandthread.time;

import java.util.concurrent.locks.LockSupport;

final class Parkers {
    static final class GoodPark {
        void park() {
            LockSupport.park();
        }
    }
}
