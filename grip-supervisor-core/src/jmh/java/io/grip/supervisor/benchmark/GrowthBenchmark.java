package io.grip.supervisor.benchmark;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How the cost of a call grows: with supervisors, with threads, with hooks, and with deadlines on virtual threads. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GrowthBenchmark {

    private static final int BATCH = 10_000;

    private static final SupervisorPolicy LIMITED = SupervisorPolicy.defaults().withAdmission(AdmissionPolicy.of(256));

    private static final SupervisorPolicy TIMED =
            SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(Duration.ofSeconds(10)));

    /** One number that a task reads, so that it is not folded away. */
    @State(Scope.Thread)
    public static class Work {
        int input = 41;
        int next;
        final Task<Integer> task = context -> input + 1;
    }

    @State(Scope.Benchmark)
    public static class Many {
        @Param({"1", "100", "10000"})
        int supervisors;

        Supervisor[] all;

        @Setup
        public void build() {
            all = new Supervisor[supervisors];
            for (int i = 0; i < supervisors; i++) {
                all[i] = Supervisor.builder("s" + i).policy(LIMITED).build();
            }
        }
    }

    @State(Scope.Benchmark)
    public static class Heard {
        @Param({"0", "1", "5"})
        int hooks;

        Supervisor supervisor;

        @Setup
        public void build() {
            Hooks chain = Hooks.none();
            for (int i = 0; i < hooks; i++) {
                chain = chain.andThen(new Hooks() {});
            }
            supervisor = Supervisor.builder("heard").hooks(chain).build();
        }
    }

    @State(Scope.Benchmark)
    public static class One {
        final Supervisor bare = Supervisor.builder("bare").build();
        final Supervisor limited = Supervisor.builder("limited").policy(LIMITED).build();
        final Supervisor timed = Supervisor.builder("timed").policy(TIMED).build();
    }

    @Benchmark
    public int supervisors(Many many, Work work) throws Exception {
        work.next = work.next + 1 == many.supervisors ? 0 : work.next + 1;
        return many.all[work.next].call(work.task);
    }

    @Benchmark
    public int hooks(Heard heard, Work work) throws Exception {
        return heard.supervisor.call(work.task);
    }

    @Benchmark
    public int threads(One one, Work work) throws Exception {
        return one.limited.call(work.task);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void callsOnANewThread(One one, Work work) throws InterruptedException {
        onANewThread(one.bare, work);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void callsWithADeadlineOnANewThread(One one, Work work) throws InterruptedException {
        onANewThread(one.timed, work);
    }

    @Benchmark
    public int callsOnAPlatformThread(One one, Work work) throws Exception {
        return one.bare.call(work.task);
    }

    @Benchmark
    public int callsWithADeadlineOnAPlatformThread(One one, Work work) throws Exception {
        return one.timed.call(work.task);
    }

    /** A virtual one where there are such; each makes enough calls that its start does not count. */
    private static void onANewThread(Supervisor supervisor, Work work) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        Threads.start("calls", () -> {
            try {
                for (int i = 0; i < BATCH; i++) {
                    work.input ^= supervisor.call(work.task);
                }
            } catch (Exception unexpected) {
                throw new IllegalStateException(unexpected);
            } finally {
                over.countDown();
            }
        });
        over.await();
    }
}
