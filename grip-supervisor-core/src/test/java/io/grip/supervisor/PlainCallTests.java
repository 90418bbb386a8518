package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Calls that nobody listens to, which nothing but their task's context and a close can reach from outside. */
class PlainCallTests {

    private static final long PATIENCE_SECONDS = 20;

    private final Supervisor supervisor = Supervisor.builder("plain")
            .policy(SupervisorPolicy.none())
            .shutdownGrace(Duration.ZERO)
            .build();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicReference<ExecutionContext> kept = new AtomicReference<>();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();

    @Test
    void areInterruptedByAClose() throws Exception {
        Thread caller = start(new Thread(this::callThatWaits));

        supervisor.close();

        join(caller);
        assertThat(thrown.get())
                .isInstanceOf(SupervisorShutdownException.class)
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void areInterruptedByACloseThoughTheirThreadDoesNotTellOfItsStack() throws Exception {
        Thread caller = start(new Thread(this::callThatWaits) {
            @Override
            public StackTraceElement[] getStackTrace() {
                throw new UnsupportedOperationException("a secret");
            }
        });

        supervisor.close();

        join(caller);
        assertThat(thrown.get()).isInstanceOf(SupervisorShutdownException.class);
    }

    @Test
    void areInterruptedByACancelOfAContextThatTheirTaskHasNeverAsked() throws Exception {
        Thread caller = start(new Thread(this::callThatWaits));

        kept.get().cancel();

        join(caller);
        assertThat(thrown.get()).hasCauseInstanceOf(InterruptedException.class);
        boolean reached = supervisor.call(context -> Thread.currentThread().isInterrupted());
        assertThat(reached).isFalse();
    }

    @Test
    void areNotReachedByTheContextOfAnEarlierOneThatWasAskedInBetween() throws Exception {
        supervisor.call(context -> {
            kept.set(context);
            return "kept, and not asked";
        });
        assertThat(kept.get().isCancelled())
                .as("its call has succeeded, and what that began may go on")
                .isFalse();

        for (int later = 0; later < 3; later++) {
            boolean reached = supervisor.call(context -> {
                kept.get().cancel();
                return context.isCancelled() || Thread.interrupted();
            });
            assertThat(reached).isFalse();
            assertThat(kept.get().isCancelled()).isFalse();
        }
    }

    @Test
    void beginWithTheirFirstAttemptWhateverHasBecomeOfTheOneBefore() throws Exception {
        int[] calls = {0};
        for (int call = 0; call < 3; call++) {
            int attempt = supervisor.call(context -> {
                calls[0]++;
                return context.attempt();
            });
            assertThat(attempt).isOne();
            supervisor.call(context -> "not asked");
        }
        assertThat(calls[0]).isEqualTo(3);
    }

    @Test
    void haveTheLimitsOfTheirOwnPolicyAndNoneOfTheCallsBefore() throws Exception {
        Task<Optional<Duration>> remaining = ExecutionContext::remaining;
        Task<String> unasked = context -> "not asked";
        ManualTime time = ManualTime.create();
        Duration one = Duration.ofSeconds(1);
        Duration two = Duration.ofSeconds(2);
        DeadlinePolicy both = DeadlinePolicy.of(two).withAttemptTimeout(one);
        try (Supervisor limited = Supervisor.builder("limited").time(time).build()) {
            for (Task<?> before : List.of(remaining, unasked)) {
                limited.update(SupervisorPolicy.none().withDeadline(both));
                limited.call(before);
                assertThat(limited.call(remaining)).contains(one);
                limited.call(before);
                limited.update(SupervisorPolicy.none().withDeadline(DeadlinePolicy.of(two)));
                limited.call(before);
                assertThat(limited.call(remaining)).contains(two);
                limited.call(before);
                limited.update(SupervisorPolicy.none());
                limited.call(before);
                assertThat(limited.call(remaining)).isEmpty();
                limited.update(SupervisorPolicy.none().withDeadline(both));
                limited.call(before);
                assertThat(supervisor.call(remaining)).isEmpty();
            }
        }
    }

    @Test
    void areInterruptedAtTheirLimitThoughManyHaveSucceededOnTheirThreadBefore() throws Exception {
        ManualTime time = ManualTime.create();
        Duration second = Duration.ofSeconds(1);
        SupervisorPolicy policy = SupervisorPolicy.none()
                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(second))
                .withAdmission(AdmissionPolicy.of(1));
        try (Supervisor limited =
                Supervisor.builder("limited").time(time).policy(policy).build()) {
            for (int use = 0; use < 3; use++) {
                limited.call(context -> "in time");
                time.advance(second.dividedBy(2));
                limited.call(context -> "in time");
                AttemptTimeoutException late = catchThrowableOfType(
                        AttemptTimeoutException.class,
                        () -> limited.call(context -> {
                            time.advance(second.minusNanos(1));
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                            time.advance(Duration.ofNanos(1));
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                            throw new InterruptedException("told to end");
                        }));
                assertThat(late).isNotNull();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        }
    }

    private void callThatWaits() {
        try {
            supervisor.call(context -> {
                kept.set(context);
                begun.countDown();
                new CountDownLatch(1).await();
                return "never";
            });
        } catch (Exception failure) {
            thrown.set(failure);
        }
    }

    private Thread start(Thread thread) throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return thread;
    }

    private static void join(Thread thread) throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(thread.isAlive()).isFalse();
    }
}
