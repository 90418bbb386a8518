package io.grip.supervisor.benchmark;

import com.sun.management.OperatingSystemMXBean;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Threads;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.retry.RetryTemplate;

/**
 * Bursts of calls on virtual threads that fail once and wait, in one way after the other in turn, since the machine is not the
 * same some seconds later. A process of its own, whose last line says what a call takes of the processors, in microseconds,
 * and holds of the heap, in bytes, for each way.
 */
final class WaitingCalls {

    static final int CALLS = 100_000;

    /** Of each way: enough for the heap to be collected between and during them as it would be anywhere. */
    private static final int BURSTS = 5;

    /** Not counted; in the compiler's first frames a call weighs more than twice as much. */
    private static final int WARM_UP_BURSTS = 10;

    /** Long enough for all calls of a burst to wait at once. */
    private static final Duration WAIT = Duration.ofMillis(500);

    /** Long enough for the heap to be looked at meanwhile. */
    private static final Duration WAIT_TO_BE_WEIGHED = Duration.ofSeconds(3);

    /** How a call waits. */
    enum Way {
        BY_HAND("Thread.sleep by hand") {
            @Override
            Call waiting(Duration wait) {
                return attempts -> {
                    try {
                        attempt(attempts);
                    } catch (Failure failure) {
                        Thread.sleep(wait.toMillis());
                        attempt(attempts);
                    }
                };
            }
        },
        OURS("ours") {
            @Override
            Call waiting(Duration wait) {
                Supervisor supervisor = Supervisor.builder("waiting")
                        .policy(SupervisorPolicy.defaults()
                                .withRetry(RetryPolicy.of(2).withBackoff(wait).withJitter(0)))
                        .build();
                return attempts -> supervisor.call(context -> attempt(attempts));
            }
        },
        SPRING("Spring's RetryTemplate") {
            @Override
            Call waiting(Duration wait) {
                RetryTemplate template = new RetryTemplate(org.springframework.core.retry.RetryPolicy.builder()
                        .maxRetries(1)
                        .delay(wait)
                        .build());
                return attempts -> template.execute(() -> attempt(attempts));
            }
        };

        private final String title;

        Way(String title) {
            this.title = title;
        }

        final String title() {
            return title;
        }

        abstract Call waiting(Duration wait);
    }

    /** A call that counts its attempts. */
    private interface Call {
        void run(AtomicInteger attempts) throws Exception;
    }

    /**
     * Each call throws one of its own. One for all, made beforehand, would be one lock for all: whoever asks a throwable
     * for its cause takes that.
     */
    private static final class Failure extends IOException {

        private static final long serialVersionUID = 1;

        Failure() {
            super("the first attempt");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private WaitingCalls() {}

    private static Integer attempt(AtomicInteger attempts) throws Failure {
        if (attempts.incrementAndGet() == 1) {
            throw new Failure();
        }
        return 1;
    }

    public static void main(String[] args) throws InterruptedException {
        Way[] ways = Way.values();
        double[] micros = new double[ways.length];
        List<Call> calls = Arrays.stream(ways).map(way -> way.waiting(WAIT)).toList();
        for (int burst = -WARM_UP_BURSTS; burst < BURSTS; burst++) {
            for (Way way : ways) {
                double burned = processorTimeOf(calls.get(way.ordinal()));
                micros[way.ordinal()] += burst < 0 ? 0 : burned / BURSTS;
            }
        }
        StringBuilder line = new StringBuilder();
        for (double time : micros) {
            line.append(String.format(Locale.ROOT, "%.3f ", time));
        }
        for (Way way : ways) {
            line.append(String.format(Locale.ROOT, "%.1f ", weightOf(way.waiting(WAIT_TO_BE_WEIGHED))));
        }
        System.out.println(line.toString().trim());
    }

    /** Microseconds of all processors for each of the calls, their threads included. */
    private static double processorTimeOf(Call call) throws InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = system.getProcessCpuTime();
        new Burst(call).awaitEnd();
        return (system.getProcessCpuTime() - before) / 1e3 / CALLS;
    }

    /** Bytes of the heap for each of the calls while they wait, their threads included. */
    private static double weightOf(Call call) throws InterruptedException {
        // The first burst of a supervisor has the compiler start over, and waits in bigger frames.
        new Burst(call).awaitEnd();
        long before = Heap.used();
        Burst burst = new Burst(call);
        burst.awaitBegin();
        double bytes = (Heap.used() - before) / (double) CALLS;
        if (burst.hasBegunToEnd()) {
            throw new IllegalStateException("the first waits were over before the heap was looked at");
        }
        burst.awaitEnd();
        return bytes;
    }

    /** All calls at once, each on a thread of its own. */
    private static final class Burst {
        private final CountDownLatch left = new CountDownLatch(CALLS);
        private final CountDownLatch begun = new CountDownLatch(CALLS);
        private final AtomicInteger failed = new AtomicInteger();

        Burst(Call call) {
            for (int i = 0; i < CALLS; i++) {
                Threads.start("waiting", () -> run(call));
            }
        }

        private void run(Call call) {
            try {
                begun.countDown();
                call.run(new AtomicInteger());
            } catch (Exception unexpected) {
                failed.incrementAndGet();
            } finally {
                left.countDown();
            }
        }

        void awaitBegin() throws InterruptedException {
            begun.await();
        }

        boolean hasBegunToEnd() {
            return left.getCount() < CALLS;
        }

        void awaitEnd() throws InterruptedException {
            left.await();
            if (failed.get() > 0) {
                throw new IllegalStateException(failed + " calls have failed");
            }
        }
    }
}
