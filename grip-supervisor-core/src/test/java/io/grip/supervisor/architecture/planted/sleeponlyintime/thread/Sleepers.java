package io.grip.supervisor.architecture.planted.sleeponlyintime.thread;

import java.util.concurrent.TimeUnit;

final class Sleepers {
    static final class BadThread {
        void sleep() throws InterruptedException {
            Thread.sleep(1);
        }
    }

    static final class BadTimeUnit {
        void sleep() throws InterruptedException {
            TimeUnit.SECONDS.sleep(1);
        }
    }
}
