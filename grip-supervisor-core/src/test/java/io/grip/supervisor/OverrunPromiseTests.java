package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.execution.AbandonedThread;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The promise about overruns: a task past its limit is really interrupted, and one that ignores it is counted. */
class OverrunPromiseTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();

    /** Lets a stubborn task end. */
    private final CountDownLatch release = new CountDownLatch(1);

    private final CountDownLatch stubbornEnded = new CountDownLatch(1);

    @AfterEach
    void endWhatStillRuns() {
        release.countDown();
    }

    private static SupervisorPolicy attemptsOfASecond(int attempts) {
        return SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(attempts).withBackoff(Duration.ZERO))
                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND));
    }

    private Supervisor.Builder supervisor(SupervisorPolicy policy) {
        return Supervisor.builder("overrun").policy(policy).time(time).telemetry(telemetry);
    }

    private String ignoreInterrupts(CountDownLatch entered) {
        entered.countDown();
        boolean released = false;
        while (!released) {
            try {
                released = release.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException ignored) {
                // This task is the kind that swallows its interrupt.
            }
        }
        stubbornEnded.countDown();
        return "late";
    }

    private record Call(Thread thread, AtomicReference<Result<String>> result) {

        Result<String> await() throws InterruptedException {
            thread.join(PATIENCE.toMillis());
            assertThat(result.get()).as("the caller has its result").isNotNull();
            return result.get();
        }
    }

    private static Call inBackground(Supplier<Result<String>> body) {
        AtomicReference<Result<String>> result = new AtomicReference<>();
        Thread thread = new Thread(() -> result.set(body.get()));
        thread.setDaemon(true);
        thread.start();
        return new Call(thread, result);
    }

    @Test
    void aBlockedTaskOnTheCallersThreadIsInterruptedAtItsLimit() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        Supervisor supervisor = supervisor(attemptsOfASecond(1)).build();
        Call call = inBackground(() -> supervisor.run(context -> {
            entered.countDown();
            release.await();
            return "never";
        }));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

        time.advance(SECOND);

        Result<String> result = call.await();
        assertThat(result.failure()).isEqualTo(FailureKind.HANDLER_ERROR);
        assertThat(result.cause())
                .isInstanceOf(AttemptTimeoutException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(telemetry.count("attempt TIMEOUT")).isOne();
    }

    @Test
    void notANanosecondBeforeItsLimit() {
        supervisor(attemptsOfASecond(1)).build().run(context -> {
            time.advance(SECOND.minusNanos(1));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            time.advance(Duration.ofNanos(1));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return "late, but done";
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void underOwnThreadTheCallerLeavesAtTheLimitAndTheThreadIsInterrupted() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Supervisor supervisor = supervisor(attemptsOfASecond(1))
                .runner(ExecutorRunner.ownThread())
                .build();
        Call call = inBackground(() -> supervisor.run(context -> {
            entered.countDown();
            try {
                release.await();
            } catch (InterruptedException atLimit) {
                interrupted.countDown();
            }
            return "too late";
        }));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        time.awaitWaitingThreads(1, PATIENCE);

        time.advance(SECOND);

        assertThat(call.await().cause()).isInstanceOf(AttemptTimeoutException.class);
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(telemetry.count("lateResult")).isOne());
        time.advance(SECOND.multipliedBy(2));
        assertThat(supervisor.abandonedThreads()).isEmpty();
    }

    @Test
    void aThreadThatOutlivesItsInterruptByASecondIsAbandonedListedAndKeepsItsPermitUntilItEnds()
            throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        Supervisor supervisor = supervisor(attemptsOfASecond(1).withAdmission(AdmissionPolicy.of(1)))
                .runner(ExecutorRunner.ownThread())
                .build();
        Call call = inBackground(() -> supervisor.run(context -> ignoreInterrupts(entered)));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);
        assertThat(call.await().failure()).isEqualTo(FailureKind.HANDLER_ERROR);

        time.advance(SECOND.minusNanos(1));
        assertThat(supervisor.abandonedThreads()).isEmpty();
        time.advance(Duration.ofNanos(1));
        time.advance(Duration.ofSeconds(3));

        assertThat(supervisor.abandonedThreads()).singleElement().satisfies(abandoned -> {
            assertThat(abandoned.age()).isEqualTo(Duration.ofSeconds(4));
            assertThat(abandoned.thread()).contains("overrun");
            assertThat(abandoned.stack())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("ignoreInterrupts");
        });
        assertThat(supervisor.<String>run(context -> "second").failure()).isEqualTo(FailureKind.REJECTED);

        release.countDown();
        assertThat(stubbornEnded.await(20, TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(supervisor.abandonedThreads()).isEmpty();
            assertThat(telemetry.count("lateResult")).isOne();
        });
        Call after = inBackground(() -> supervisor.run(context -> "second"));
        assertThat(after.await().value()).isEqualTo("second");
    }

    @Test
    void anAttemptThatWasLeftMayBeRetriedWhilePermitsAreFree() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        Supervisor supervisor = supervisor(attemptsOfASecond(2).withAdmission(AdmissionPolicy.of(2)))
                .runner(ExecutorRunner.ownThread())
                .build();
        Call call = inBackground(() -> supervisor.run(
                context -> attempts.incrementAndGet() == 1 ? ignoreInterrupts(entered) : "second attempt"));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        time.awaitWaitingThreads(1, PATIENCE);

        time.advance(SECOND);

        Result<String> result = call.await();
        assertThat(result.value()).isEqualTo("second attempt");
        assertThat(result.earlierFailures()).singleElement().isInstanceOf(AttemptTimeoutException.class);
    }

    @Test
    void theCallersOwnThreadIsNeverInterruptedUnderOwnThread() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Supervisor supervisor = supervisor(attemptsOfASecond(1))
                .runner(ExecutorRunner.ownThread())
                .build();
        Call call = inBackground(() -> {
            Result<String> result = supervisor.run(context -> ignoreInterrupts(entered));
            flag.set(Thread.currentThread().isInterrupted());
            return result;
        });
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(SECOND);
        call.await();
        assertThat(flag).hasValue(false);
    }

    @Test
    void anAbandonedThreadIsAValueWithACopyOfItsStack() {
        StackTraceElement[] stack = Thread.currentThread().getStackTrace();
        AbandonedThread abandoned = new AbandonedThread("name", SECOND, List.of(stack));
        assertThat(abandoned.stack()).hasSize(stack.length).isUnmodifiable();
    }
}
