package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisorTests {

    private final ManualTime time = ManualTime.selfAdvancing();

    private Supervisor supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("payment").policy(policy).time(time).build();
    }

    @Test
    void returnsTheValueOfTheFirstAttempt() throws Exception {
        assertThat(supervisor(SupervisorPolicy.defaults()).<String>call(context -> "paid"))
                .isEqualTo("paid");
    }

    @Test
    void retriesUntilATaskSucceedsAndWaitsBetween() {
        AtomicInteger calls = new AtomicInteger();
        SupervisorPolicy policy = SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(3).withBackoff(Duration.ofSeconds(2)).withJitter(0));

        Result<Integer> result = supervisor(policy).run(context -> {
            assertThat(context.attempt()).isEqualTo(calls.get() + 1);
            if (calls.incrementAndGet() < 3) {
                throw new IOException("attempt " + calls);
            }
            return calls.get();
        });

        assertThat(result.value()).isEqualTo(3);
        assertThat(result.attempts()).isEqualTo(3);
        assertThat(result.duration()).isEqualTo(Duration.ofSeconds(4));
        assertThat(result.earlierFailures())
                .extracting(Throwable::getMessage)
                .containsExactly("attempt 1", "attempt 2");
    }

    @Test
    void throwsTheVeryObjectOfTheLastFailure() {
        IOException failure = new IOException("down");

        assertThatThrownBy(() -> supervisor(SupervisorPolicy.defaults()).call(context -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void contextsOfAttemptsThatWereLeftBehindAreCancelledAndTellTheirAttempt() throws Exception {
        List<ExecutionContext> seen = new ArrayList<>();
        supervisor(SupervisorPolicy.defaults()).call(context -> {
            seen.add(context);
            if (seen.size() < 3) {
                throw new IOException("again");
            }
            return seen.size();
        });
        assertThat(seen).extracting(ExecutionContext::attempt).containsExactly(1, 2, 3);
        assertThat(seen).extracting(ExecutionContext::isCancelled).containsExactly(true, true, false);
    }

    @Test
    void aContextThatWasAskedStaysThatOfItsAttemptAndIsPowerlessAfterIt() throws Exception {
        Supervisor supervisor = supervisor(SupervisorPolicy.defaults());
        ExecutionContext first = supervisor.call(context -> {
            assertThat(context.attempt()).isOne();
            return context;
        });

        boolean cancelled = supervisor.call(context -> {
            assertThat(context).isNotSameAs(first);
            first.cancel();
            return context.isCancelled() || Thread.currentThread().isInterrupted();
        });

        assertThat(cancelled).isFalse();
    }

    @Test
    void retriesAnAsynchronousTaskOnTheExecutor() {
        ManualTime manual = ManualTime.create();
        Supervisor supervisor = Supervisor.builder("payment")
                .time(manual)
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(3)
                                .withBackoff(Duration.ofSeconds(2))
                                .withJitter(0)))
                .build();
        AtomicInteger calls = new AtomicInteger();

        CompletableFuture<Result<Integer>> future = supervisor.runAsync(context -> calls.incrementAndGet() < 3
                ? CompletableFuture.failedFuture(new IOException("down"))
                : CompletableFuture.completedFuture(calls.get()));

        assertThat(future).isNotDone();
        manual.advance(Duration.ofSeconds(4));
        assertThat(future).isCompleted();
        assertThat(future.join().value()).isEqualTo(3);
        assertThat(manual.pendingTimers()).isZero();
    }

    @Test
    void completesAtOnceAHundredThousandTimesInARowWithoutOverflow() {
        Supervisor supervisor = Supervisor.builder("payment")
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(100_000).withBackoff(Duration.ZERO)))
                .build();

        Result<Object> result = supervisor
                .runAsync(context -> CompletableFuture.failedFuture(new IOException("down")))
                .join();

        assertThat(result.attempts()).isEqualTo(100_000);
        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
    }

    @Test
    void refusesAfterClose() {
        Supervisor supervisor = supervisor(SupervisorPolicy.defaults());
        supervisor.close();

        assertThat(supervisor.run(context -> "paid").failure()).isEqualTo(FailureKind.SHUTDOWN);
    }
}
