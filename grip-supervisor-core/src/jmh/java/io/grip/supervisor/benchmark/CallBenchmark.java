package io.grip.supervisor.benchmark;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Timeout;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.core.functions.CheckedSupplier;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.smallrye.faulttolerance.api.TypedGuard;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.core.retry.RetryTemplate;

/** What a supervised call costs, beside the peers: S1 retry, S2 with admission, S3 with a deadline, S4 and S5 failing. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CallBenchmark {

    static final IOException FAILURE = new IOException("prepared, so that its trace is not measured");

    /** One number that a task reads, so that it is not folded away. */
    @State(Scope.Thread)
    public static class Work {
        int input = 41;
        int calls;

        /** Made once: what a lambda costs is no part of what is compared. */
        final Task<Integer> succeeding = context -> succeed();

        final Task<Integer> failingTwice = context -> failTwice();
        final Task<Integer> failing = context -> fail();

        int succeed() {
            return input + 1;
        }

        /** Not inlined: a compiler that sees both ends of a throw makes a jump of it, which no task of a size gets. */
        @CompilerControl(CompilerControl.Mode.DONT_INLINE)
        int failTwice() throws IOException {
            if (++calls % 3 != 0) {
                throw FAILURE;
            }
            return input + 1;
        }

        @CompilerControl(CompilerControl.Mode.DONT_INLINE)
        int fail() throws IOException {
            throw FAILURE;
        }
    }

    @State(Scope.Benchmark)
    public static class Ours {
        static final RetryPolicy RETRY = RetryPolicy.of(3).withBackoff(BackoffPolicy.none());
        static final SupervisorPolicy POLICY =
                SupervisorPolicy.defaults().withRetry(RETRY).withEscalation(EscalationPolicy.of(true, true));

        final Supervisor retry = Supervisor.builder("s1").policy(POLICY).build();
        final Supervisor admission = Supervisor.builder("s2")
                .policy(POLICY.withAdmission(AdmissionPolicy.of(64)))
                .build();
        final Supervisor deadline = Supervisor.builder("s3")
                .policy(POLICY.withAdmission(AdmissionPolicy.of(64))
                        .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))))
                .build();
    }

    @State(Scope.Benchmark)
    public static class Peers {
        final Retry retry = Retry.of(
                "r4j",
                RetryConfig.custom()
                        .maxAttempts(3)
                        .intervalFunction(attempt -> 0L)
                        .build());
        final Bulkhead bulkhead = Bulkhead.of(
                "r4j", BulkheadConfig.custom().maxConcurrentCalls(64).build());
        final TimeLimiter limiter = TimeLimiter.of(Duration.ofSeconds(1));
        final ExecutorService pool = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        final dev.failsafe.RetryPolicy<Integer> failsafeRetry =
                dev.failsafe.RetryPolicy.<Integer>builder().withMaxAttempts(3).build();
        final dev.failsafe.Bulkhead<Integer> failsafeBulkhead = dev.failsafe.Bulkhead.of(64);
        final FailsafeExecutor<Integer> failsafe = Failsafe.with(failsafeRetry);
        final FailsafeExecutor<Integer> failsafeLimited = Failsafe.with(failsafeRetry, failsafeBulkhead);
        final FailsafeExecutor<Integer> failsafeTimed =
                Failsafe.with(failsafeRetry, failsafeBulkhead, Timeout.of(Duration.ofSeconds(1)));
        final RetryTemplate spring = new RetryTemplate(org.springframework.core.retry.RetryPolicy.builder()
                .maxRetries(2)
                .delay(Duration.ZERO)
                .build());
        final org.springframework.retry.support.RetryTemplate springRetry =
                org.springframework.retry.support.RetryTemplate.builder()
                        .maxAttempts(3)
                        .noBackoff()
                        .build();
        final Semaphore semaphore = new Semaphore(64);
        final TypedGuard<Integer> smallrye = guard().build();
        final TypedGuard<Integer> smallryeLimited =
                guard().withBulkhead().limit(64).done().build();
        final TypedGuard<Integer> smallryeTimed = guard().withBulkhead()
                .limit(64)
                .done()
                .withTimeout()
                .duration(1, ChronoUnit.SECONDS)
                .done()
                .build();

        private static TypedGuard.Builder<Integer> guard() {
            return TypedGuard.create(Integer.class)
                    .withRetry()
                    .maxRetries(2)
                    .delay(0, ChronoUnit.MILLIS)
                    .jitter(0, ChronoUnit.MILLIS)
                    .done();
        }

        @TearDown
        public void stop() {
            pool.shutdownNow();
        }
    }

    /** Five classes of tasks, as in an application: no call site sees just one. */
    @State(Scope.Thread)
    public static class FiveTasks {
        int next;
        final Work work = new Work();

        @SuppressWarnings("unchecked")
        final Task<Integer>[] ignoring = new Task[] {
            (Task<Integer>) context -> work.input + 1,
            (Task<Integer>) context -> work.input + 2,
            (Task<Integer>) context -> work.input + 3,
            (Task<Integer>) context -> work.input + 4,
            (Task<Integer>) context -> work.input + 5
        };

        @SuppressWarnings("unchecked")
        final Task<Integer>[] asking = new Task[] {
            (Task<Integer>) context -> work.input + context.attempt(),
            (Task<Integer>) context -> work.input + 2 * context.attempt(),
            (Task<Integer>) context -> work.input + 3 * context.attempt(),
            (Task<Integer>) context -> work.input + 4 * context.attempt(),
            (Task<Integer>) context -> work.input + 5 * context.attempt()
        };

        Task<Integer> ignoring() {
            return ignoring[next = (next + 1) % 5];
        }

        Task<Integer> asking() {
            return asking[next = (next + 1) % 5];
        }
    }

    @Benchmark
    public int direct(Work work) {
        return work.succeed();
    }

    @Benchmark
    public long nanoTime() {
        return System.nanoTime();
    }

    // ---------------------------------------------------------------- S1: success, retry configured

    @Benchmark
    public int s1Ours(Ours ours, Work work) throws Exception {
        return ours.retry.call(work.succeeding);
    }

    @Benchmark
    public int s1OursFiveTasks(Ours ours, FiveTasks tasks) throws Exception {
        return ours.retry.call(tasks.ignoring());
    }

    @Benchmark
    public int s1OursFiveTasksAskingTheContext(Ours ours, FiveTasks tasks) throws Exception {
        return ours.retry.call(tasks.asking());
    }

    @Benchmark
    public int s1Resilience4j(Peers peers, Work work) throws Throwable {
        return peers.retry.executeCheckedSupplier(work::succeed);
    }

    @Benchmark
    public int s1Spring(Peers peers, Work work) throws Exception {
        return peers.spring.execute(work::succeed);
    }

    @Benchmark
    public int s1SpringRetry(Peers peers, Work work) throws Exception {
        return peers.springRetry.execute(context -> work.succeed());
    }

    @Benchmark
    public int s1Failsafe(Peers peers, Work work) {
        return peers.failsafe.get(work::succeed);
    }

    @Benchmark
    public int s1SmallRye(Peers peers, Work work) throws Exception {
        return peers.smallrye.call(work::succeed);
    }

    // ---------------------------------------------------------------- S2: and at most 64 at once

    @Benchmark
    public int s2SemaphoreByHand(Peers peers, Work work) throws InterruptedException {
        peers.semaphore.acquire();
        try {
            return work.succeed();
        } finally {
            peers.semaphore.release();
        }
    }

    @Benchmark
    public int s2Ours(Ours ours, Work work) throws Exception {
        return ours.admission.call(work.succeeding);
    }

    @Benchmark
    public int s2Resilience4j(Peers peers, Work work) throws Throwable {
        CheckedSupplier<Integer> limited = () -> peers.bulkhead.executeCheckedSupplier(work::succeed);
        return peers.retry.executeCheckedSupplier(limited);
    }

    @Benchmark
    public int s2Failsafe(Peers peers, Work work) {
        return peers.failsafeLimited.get(work::succeed);
    }

    @Benchmark
    public int s2SmallRye(Peers peers, Work work) throws Exception {
        return peers.smallryeLimited.call(work::succeed);
    }

    @Benchmark
    @Threads(2)
    public int s2OursOnTwoThreads(Ours ours, Work work) throws Exception {
        return ours.admission.call(work.succeeding);
    }

    @Benchmark
    @Threads(2)
    public int s2Resilience4jOnTwoThreads(Peers peers, Work work) throws Throwable {
        return s2Resilience4j(peers, work);
    }

    // ---------------------------------------------------------------- S3: and at most a second each

    @Benchmark
    public int s3Ours(Ours ours, Work work) throws Exception {
        return ours.deadline.call(work.succeeding);
    }

    @Benchmark
    public int s3SmallRye(Peers peers, Work work) throws Exception {
        return peers.smallryeTimed.call(work::succeed);
    }

    @Benchmark
    public int s3Resilience4jOnAnotherThread(Peers peers, Work work) throws Throwable {
        CheckedSupplier<Integer> limited = () -> peers.bulkhead.executeCheckedSupplier(
                () -> peers.limiter.executeFutureSupplier(() -> peers.pool.submit(work::succeed)));
        return peers.retry.executeCheckedSupplier(limited);
    }

    @Benchmark
    public int s3Failsafe(Peers peers, Work work) {
        return peers.failsafeTimed.get(work::succeed);
    }

    @Benchmark
    @Threads(2)
    public int s3OursOnTwoThreads(Ours ours, Work work) throws Exception {
        return ours.deadline.call(work.succeeding);
    }

    @Benchmark
    @Threads(2)
    public int s3SmallRyeOnTwoThreads(Peers peers, Work work) throws Exception {
        return peers.smallryeTimed.call(work::succeed);
    }

    // ---------------------------------------------------------------- S4: fails twice, then succeeds

    @Benchmark
    public int s4ByHand(Work work) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.failTwice();
            } catch (IOException failure) {
                if (attempt == 3) {
                    throw failure;
                }
            }
        }
    }

    @Benchmark
    public int s4Ours(Ours ours, Work work) throws Exception {
        return ours.retry.call(work.failingTwice);
    }

    @Benchmark
    public int s4Resilience4j(Peers peers, Work work) throws Throwable {
        return peers.retry.executeCheckedSupplier(work::failTwice);
    }

    @Benchmark
    public int s4Spring(Peers peers, Work work) throws Exception {
        return peers.spring.execute(work::failTwice);
    }

    @Benchmark
    public int s4SpringRetry(Peers peers, Work work) throws Exception {
        return peers.springRetry.execute(context -> work.failTwice());
    }

    @Benchmark
    public int s4Failsafe(Peers peers, Work work) {
        return peers.failsafe.get(work::failTwice);
    }

    @Benchmark
    public int s4SmallRye(Peers peers, Work work) throws Exception {
        return peers.smallrye.call(work::failTwice);
    }

    // ---------------------------------------------------------------- S5: fails three times, and that is final

    @Benchmark
    public Object s5ByHand(Work work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.fail();
            } catch (IOException failure) {
                if (attempt == 3) {
                    return failure;
                }
            }
        }
    }

    @Benchmark
    public Object s5Ours(Ours ours, Work work) {
        return failureOf(() -> ours.retry.call(work.failing));
    }

    @Benchmark
    public Object s5Resilience4j(Peers peers, Work work) {
        return failureOf(() -> peers.retry.executeCheckedSupplier(work::fail));
    }

    @Benchmark
    public Object s5Spring(Peers peers, Work work) {
        return failureOf(() -> peers.spring.execute(work::fail));
    }

    @Benchmark
    public Object s5SpringRetry(Peers peers, Work work) {
        return failureOf(() -> peers.springRetry.execute(context -> work.fail()));
    }

    @Benchmark
    public Object s5Failsafe(Peers peers, Work work) {
        return failureOf(() -> peers.failsafe.get(work::fail));
    }

    @Benchmark
    public Object s5SmallRye(Peers peers, Work work) {
        return failureOf(() -> peers.smallrye.call(work::fail));
    }

    private static Object failureOf(CheckedSupplier<Integer> call) {
        try {
            return call.get();
        } catch (Throwable failure) {
            return failure;
        }
    }
}
