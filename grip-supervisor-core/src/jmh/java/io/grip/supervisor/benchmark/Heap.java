package io.grip.supervisor.benchmark;

import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/** What is on the heap, once nothing is left to collect. */
final class Heap {

    private Heap() {}

    private static final long BETWEEN = 200_000_000L;

    /** Bytes in use: the least of several looks after a collection each, with time in between for threads to be gone. */
    static long used() {
        long least = Long.MAX_VALUE;
        for (int look = 0; look < 4; look++) {
            LockSupport.parkNanos(BETWEEN);
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
