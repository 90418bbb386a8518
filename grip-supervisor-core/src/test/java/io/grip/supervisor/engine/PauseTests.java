package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.fixture.QueuedExecutor;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.Alarm;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The wait of an asynchronous execution before a retry, all of which is in the execution itself. */
class PauseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = ManualTime.create();
    private final QueuedExecutor executor = new QueuedExecutor();
    private final AtomicInteger calls = new AtomicInteger();

    private Supervisor.Builder builder(TimeSource clock) {
        return Supervisor.builder("pending")
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0)))
                .time(clock)
                .executor(executor);
    }

    private CompletionStage<String> succeedAtLast(ExecutionContext context) throws IOException {
        if (calls.incrementAndGet() < 3) {
            throw new IOException("down");
        }
        return CompletableFuture.completedFuture("done");
    }

    /**
     * The time is over before the thread that began the pause has looked whether it still is on, and by the time at which
     * that thread calls the timer off, the next attempt has failed and the next pause has begun.
     */
    private final class Racing extends ForwardingTime {
        private boolean raced;

        Racing() {
            super(time);
        }

        @Override
        public Timer schedule(long at, Alarm alarm) {
            Timer timer = time.schedule(at, alarm);
            if (raced) {
                return timer;
            }
            raced = true;
            time.advance(SECOND);
            return () -> {
                executor.runAll();
                return timer.cancel();
            };
        }
    }

    @Test
    void oneThatWasOverAtOnceDoesNotCallOffTheNext() {
        Supervisor supervisor = builder(new Racing()).build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::succeedAtLast);

        assertThat(calls).hasValue(2);
        assertThat(time.pendingTimers()).isEqualTo(1);
        time.advance(SECOND);
        executor.runAll();
        assertThat(future).isCompletedWithValueMatching(result -> "done".equals(result.value()));
    }

    @Test
    void goesByATimeSourceThatKnowsNoAlarms() {
        Supervisor supervisor = builder(new ForwardingTime(time)).build();

        CompletableFuture<Result<String>> future = supervisor.runAsync(this::succeedAtLast);
        for (int retry = 0; retry < 2; retry++) {
            assertThat(future).isNotDone();
            time.advance(SECOND);
            executor.runAll();
        }

        assertThat(future).isCompletedWithValueMatching(result -> "done".equals(result.value()));
    }

    @Test
    void leavesNothingInATimeSourceThatKnowsNoAlarms() {
        Supervisor supervisor = builder(new ForwardingTime(time)).build();
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::succeedAtLast);
        assertThat(time.pendingTimers()).isEqualTo(1);

        future.cancel(true);
        executor.runAll();

        assertThat(time.pendingTimers()).isZero();
    }

    /** Nobody has given an execution, so it is made when first asked for; all hear of the same one. */
    @Test
    void hooksAndRunnersHearOfOneExecution() {
        List<Execution> heard = new ArrayList<>();
        ExecutorRunner telling = new ExecutorRunner() {
            @Override
            public <T extends @Nullable Object> Result<T> execute(
                    ExecutionContext context, Execution execution, Task<T> task) {
                heard.add(execution);
                return ExecutorRunner.callerThread().execute(context, execution, task);
            }
        };
        Hooks hooks = new Hooks() {
            @Override
            public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
                heard.add(execution);
            }

            @Override
            public void onSuccess(Execution execution, Result<?> result) {
                heard.add(execution);
            }
        };
        Supervisor supervisor = builder(time).runner(telling).hooks(hooks).build();

        supervisor.runAsync(this::succeedAtLast);
        for (int retry = 0; retry < 2; retry++) {
            time.advance(SECOND);
            executor.runAll();
        }

        assertThat(heard).hasSize(6).allMatch(execution -> execution == heard.get(0));
        assertThat(heard.get(0).name()).isEqualTo("pending");
    }
}
