package io.grip.supervisor.benchmark;

import static io.grip.supervisor.benchmark.report.Page.number;

import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.benchmark.report.Page;
import io.grip.supervisor.benchmark.report.Rounds;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** What waits costs (S8): heap and threads of executions in backoff, and how late they go on. */
final class PendingFigures {

    private static final IOException FAILURE = new IOException("prepared");
    private static final CompletableFuture<Integer> FAILED = CompletableFuture.failedFuture(FAILURE);
    private static final CompletableFuture<Integer> DONE = CompletableFuture.completedFuture(1);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration BURST = Duration.ofSeconds(2);
    private static final int CALLS = 100_000;
    private static final int ROUNDS = 5;

    /** Not counted: the compiler has a few hundred thousand calls only to get ready in. */
    private static final int WARM_UP_ROUNDS = 1;

    /** Starts one call of some library's, which fails at once and waits; returns its future. */
    private interface Starter {
        Object start();
    }

    private PendingFigures() {}

    /** All of it. */
    static void write(Page page) throws Exception {
        heap(page);
        lateness(page);
    }

    // ---------------------------------------------------------------- heap

    private static void heap(Page page) throws InterruptedException {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        double ours = 0;
        double theirs = 0;
        page.line("");
        page.line("### Asynchronous executions in backoff");
        page.table("row", "pending", "heap of each, B", "threads more");
        for (int pending : new int[] {CALLS, 10 * CALLS}) {
            double[] mine = pendingOurs(pending);
            double[] peers = pendingResilience4j(pending, scheduler);
            page.row("ours, future included", pending, number(mine[0]), number(mine[1]));
            page.row("Resilience4j, future included", pending, number(peers[0]), number(peers[1]));
            ours = mine[0];
            theirs = peers[0];
        }
        scheduler.shutdownNow();
        page.goals();
        page.goal("heap of each of a million, B", "", "", ours, Page.Want.AT_MOST, 136, 100);
        page.goal("the same, as a ratio", "Resilience4j", "", ours / theirs, Page.Want.AT_MOST, 0.6, 0.45);
    }

    private static double[] pendingOurs(int pending) throws InterruptedException {
        try (Supervisor supervisor = supervisor(LONG)) {
            AsyncTask<Integer> failing = context -> FAILED;
            double[] figures = weigh(pending, () -> supervisor.runAsync(failing));
            supervisor.drain();
            // Else the end of a million executions is on the heap that the next ones are weighed against.
            supervisor.awaitIdle(Duration.ofMinutes(1));
            return figures;
        }
    }

    private static double[] pendingResilience4j(int pending, ScheduledThreadPoolExecutor scheduler) {
        Retry retry = resilience4j(LONG);
        scheduler.setRemoveOnCancelPolicy(true);
        double[] figures = weigh(pending, () -> retry.executeCompletionStage(scheduler, () -> FAILED));
        scheduler.getQueue().clear();
        return figures;
    }

    /** Bytes for each, and how many threads there are more than before. */
    private static double[] weigh(int pending, Starter starter) {
        Object[] futures = new Object[pending];
        for (int warm = 0; warm < 100; warm++) {
            starter.start();
        }
        long before = Heap.used();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        for (int i = 0; i < pending; i++) {
            futures[i] = starter.start();
        }
        double bytes = (Heap.used() - before) / (double) pending;
        double more = ManagementFactory.getThreadMXBean().getThreadCount() - threads;
        return new double[] {futures[pending - 1] == null ? -1 : bytes, more};
    }

    private static Supervisor supervisor(Duration backoff) {
        return Supervisor.builder("pending")
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(2).withBackoff(backoff).withJitter(0)))
                .shutdownGrace(Duration.ofMillis(100))
                .build();
    }

    private static Retry resilience4j(Duration backoff) {
        return Retry.of(
                "pending",
                RetryConfig.custom().maxAttempts(2).waitDuration(backoff).build());
    }

    // ---------------------------------------------------------------- lateness

    private static void lateness(Page page) throws InterruptedException {
        List<Double> ours = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        List<Double> peers = new ArrayList<>();
        List<Double> medians = new ArrayList<>();
        for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
            double[] mine = latenessOfOurs();
            double byHand = latenessOfBareTimer()[1];
            double theirs = latenessOfResilience4j()[1];
            if (round >= WARM_UP_ROUNDS) {
                medians.add(mine[0]);
                ours.add(mine[1]);
                bare.add(byHand);
                peers.add(theirs);
            }
        }
        page.line("");
        page.line("### How late %,d retries of one burst begin, due within the time it took to start them", CALLS);
        page.table("row", "longest, ms, by rounds", "median of these");
        page.row("ours", numbers(ours), number(Rounds.medianOf(ours)));
        page.row("ours, the median call", numbers(medians), number(Rounds.medianOf(medians)));
        page.row("a ScheduledThreadPoolExecutor by hand", numbers(bare), number(Rounds.medianOf(bare)));
        page.row("Resilience4j", numbers(peers), number(Rounds.medianOf(peers)));
        page.goals();
        double ratio = Rounds.medianOf(ours) / Rounds.medianOf(bare);
        page.goal("longest, as a ratio", "ScheduledThreadPoolExecutor", "", ratio, Page.Want.AT_MOST, 1, 0.5);
    }

    private static double[] latenessOfOurs() throws InterruptedException {
        Burst burst = new Burst();
        try (Supervisor supervisor = supervisor(BURST)) {
            for (int i = 0; i < CALLS; i++) {
                int call = i;
                burst.begins(call);
                supervisor.<Integer>runAsync(context -> context.attempt() == 1 ? FAILED : burst.goesOn(call));
            }
            return burst.lateness();
        }
    }

    private static double[] latenessOfBareTimer() throws InterruptedException {
        Burst burst = new Burst();
        ScheduledExecutorService scheduler = new ScheduledThreadPoolExecutor(1);
        for (int i = 0; i < CALLS; i++) {
            int call = i;
            burst.begins(call);
            scheduler.schedule(() -> burst.goesOn(call), BURST.toNanos(), TimeUnit.NANOSECONDS);
        }
        double[] lateness = burst.lateness();
        scheduler.shutdownNow();
        return lateness;
    }

    private static double[] latenessOfResilience4j() throws InterruptedException {
        Burst burst = new Burst();
        ScheduledExecutorService scheduler = new ScheduledThreadPoolExecutor(1);
        Retry retry = resilience4j(BURST);
        AtomicIntegerArray attempts = new AtomicIntegerArray(CALLS);
        for (int i = 0; i < CALLS; i++) {
            int call = i;
            burst.begins(call);
            retry.executeCompletionStage(
                    scheduler, () -> attempts.getAndIncrement(call) == 0 ? FAILED : burst.goesOn(call));
        }
        double[] lateness = burst.lateness();
        scheduler.shutdownNow();
        return lateness;
    }

    /** When each call of a burst began, and how much later than the backoff it went on. */
    private static final class Burst {
        private final long[] begun = new long[CALLS];
        private final double[] late = new double[CALLS];
        private final CountDownLatch left = new CountDownLatch(CALLS);

        void begins(int call) {
            begun[call] = System.nanoTime();
        }

        CompletableFuture<Integer> goesOn(int call) {
            late[call] = (System.nanoTime() - begun[call] - BURST.toNanos()) / 1e6;
            left.countDown();
            return DONE;
        }

        /** The median and the longest, in milliseconds. */
        double[] lateness() throws InterruptedException {
            left.await();
            Arrays.sort(late);
            return new double[] {late[CALLS / 2], late[CALLS - 1]};
        }
    }

    private static String numbers(List<Double> values) {
        return String.join(", ", values.stream().map(Page::number).toList());
    }
}
