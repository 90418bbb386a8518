package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a call allocates on its thread: exact figures, which a slow machine does not change. */
class AllocationTests {

    private static final int CALLS = 20_000;

    /** What a warmed-up loop of calls may allocate on top of them: a compiler's or a class loader's doing, once. */
    private static final double ONCE = 0.5;

    private static final IOException FAILURE = new IOException("made once");

    private static final SupervisorPolicy RETRIES =
            SupervisorPolicy.defaults().withRetry(RetryPolicy.of(3).withBackoff(BackoffPolicy.none()));

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final AtomicInteger calls = new AtomicInteger();

    private static Supervisor supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("test").policy(policy).build();
    }

    @Test
    void aCallThatSucceedsAllocatesNothing() {
        Supervisor retry = supervisor(RETRIES);
        assertThat(bytesOf(() -> retry.call(context -> "value"))).isLessThan(ONCE);
    }

    @Test
    void admissionAndADeadlineAllocateNothing() {
        Supervisor limited = supervisor(RETRIES.withAdmission(AdmissionPolicy.of(64))
                .withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1)).withAttemptTimeout(Duration.ofMinutes(1))));
        assertThat(bytesOf(() -> limited.call(context -> "value"))).isLessThan(ONCE);
    }

    @Test
    void fiveClassesOfTasksAllocateNothingEither() {
        Supervisor retry = supervisor(RETRIES);
        List<Task<String>> tasks =
                List.of(context -> "1", context -> "2", context -> "3", context -> "4", context -> "5");
        assertThat(bytesOf(() -> retry.call(tasks.get(calls.getAndIncrement() % 5))))
                .isLessThan(ONCE);
    }

    @Test
    void aTaskThatAsksItsContextCostsThatContext() {
        Supervisor retry = supervisor(RETRIES);
        assertThat(bytesOf(() -> retry.call(context -> context.attempt() == 1 ? "first" : "later")))
                .isLessThan(32 + ONCE);
    }

    @Test
    void eachRetryCostsAContextAndNoMore() {
        Supervisor retry = supervisor(RETRIES);
        Task<String> failingTwice = context -> {
            if (calls.incrementAndGet() % 3 != 0) {
                throw FAILURE;
            }
            return "value";
        };
        assertThat(bytesOf(() -> retry.call(failingTwice))).isLessThan(2 * 32 + ONCE);
    }

    @Test
    void aFailureThatIsFinalCostsNoMoreThanItsRetries() {
        Supervisor retry = supervisor(RETRIES);
        Task<String> failing = context -> {
            throw FAILURE;
        };
        assertThat(bytesOf(() -> failureOf(retry, failing))).isLessThan(2 * 32 + ONCE);
    }

    @Test
    void aFailureThatIsNotRetriedAllocatesNothing() {
        Supervisor limited = supervisor(SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(3).withNeverOn(IOException.class))
                .withAdmission(AdmissionPolicy.of(64))
                .withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1))));
        Task<String> failing = context -> {
            throw FAILURE;
        };
        assertThat(bytesOf(() -> failureOf(limited, failing))).isLessThan(ONCE);
    }

    /** By hand: an assertion's way to catch allocates. */
    private static Throwable failureOf(Supervisor supervisor, Task<?> task) {
        try {
            supervisor.call(task);
            throw new AssertionError("it should have failed");
        } catch (Exception failure) {
            return failure;
        }
    }

    /** Bytes per call: the least of several rounds, the first of which warm up. */
    private double bytesOf(Callable<?> call) {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            Throwable thrown = catchThrowable(() -> repeat(call));
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(thrown).isNull();
            least = Math.min(least, (double) allocated / CALLS);
        }
        return least;
    }

    private static void repeat(Callable<?> call) throws Exception {
        for (int i = 0; i < CALLS; i++) {
            call.call();
        }
    }
}
