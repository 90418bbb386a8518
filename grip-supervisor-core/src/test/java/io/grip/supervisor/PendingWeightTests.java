package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is on the heap for an asynchronous execution that waits for its retry, future included. */
class PendingWeightTests {

    private static final int PENDING = 200_000;

    /**
     * A future of 24 bytes, the execution of 88, and 12 for its place in the timer's queue, of which a quarter is free with
     * this many; the rest is for what a test run leaves on the heap besides, or takes off it.
     */
    private static final int MOST = 24 + 88 + 16 + 6;

    @Test
    void anExecutionInBackoffIsTwoObjects() {
        assumeTrue(
                "true"
                        .equals(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                                .getVMOption("UseCompressedOops")
                                .getValue()),
                "references of four bytes");

        // What others leave on the heap, or take off it, is in some rounds and not in all.
        double least = Double.MAX_VALUE;
        double most = 0;
        for (int round = 0; round < 5; round++) {
            double weight = weight();
            least = Math.min(least, weight);
            most = Math.max(most, weight);
        }

        assertThat(least).isLessThanOrEqualTo(MOST);
        assertThat(most).isGreaterThanOrEqualTo(100);
    }

    private static double weight() {
        Supervisor supervisor = Supervisor.builder("pending")
                .policy(SupervisorPolicy.defaults().withRetry(RetryPolicy.of(2).withBackoff(Duration.ofHours(1))))
                .time(ManualTime.create())
                .build();
        IOException failure = new IOException("made once");
        AsyncTask<String> failing = context -> CompletableFuture.failedFuture(failure);
        Object[] futures = new Object[PENDING];
        long before = used();
        for (int i = 0; i < PENDING; i++) {
            futures[i] = supervisor.runAsync(failing);
        }
        double weight = (double) (used() - before) / PENDING;
        assertThat(futures[PENDING - 1]).isNotNull();
        assertThat(supervisor.inFlight()).isZero();
        return weight;
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
