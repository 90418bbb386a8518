package io.grip.supervisor.benchmark;

import java.lang.management.ManagementFactory;

/** What is on the heap, once nothing is left to collect. */
final class Heap {

    private Heap() {}

    /** Bytes in use: the least of several looks after a collection each. */
    static long used() {
        long least = Long.MAX_VALUE;
        for (int look = 0; look < 4; look++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
