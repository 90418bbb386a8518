package io.grip.supervisor.architecture.planted.sleeponlyintime.time;

final class Sleepers {
    static final class GoodThread {
        void sleep() throws InterruptedException {
            Thread.sleep(1);
        }
    }
}
