package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that nobody listens to, which nothing but their task's context and a close can reach from outside. */
@Timeout(60)
class PlainCallTests {

    private static final long PATIENCE_SECONDS = 20;

    private static final Duration SECOND = Duration.ofSeconds(1);

    private record Seen(Optional<Duration> remaining, boolean cancelled, boolean interrupted, int attempt) {}

    /** What a call of {@link #limited} finds that has its limits to itself. */
    private static final Seen UNTOUCHED = new Seen(Optional.of(SECOND), false, false, 1);

    private final ManualTime time = ManualTime.create();
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
        SupervisorPolicy policy = SupervisorPolicy.none()
                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(SECOND))
                .withAdmission(AdmissionPolicy.of(1));
        try (Supervisor limited =
                Supervisor.builder("limited").time(time).policy(policy).build()) {
            for (int use = 0; use < 3; use++) {
                limited.call(context -> "in time");
                time.advance(SECOND.dividedBy(2));
                limited.call(context -> "in time");
                AttemptTimeoutException late = catchThrowableOfType(
                        AttemptTimeoutException.class,
                        () -> limited.call(context -> {
                            time.advance(SECOND.minusNanos(1));
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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void haveTheirTimeoutThoughTheOneBeforeHasCommitted(boolean admitted) throws Exception {
        try (Supervisor limited = limited(admitted)) {
            for (int use = 0; use < 3; use++) {
                limited.call(context -> {
                    context.commit();
                    time.advance(SECOND);
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    assertThat(context.remaining()).contains(SECOND);
                    return "committed in time";
                });
                if (use > 0) {
                    assertThat(limited.call(PlainCallTests::look)).isEqualTo(UNTOUCHED);
                }
                assertThatIsInterruptedAtItsTimeout(limited);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void areTriedAgainThoughTheOneBeforeHasCommitted(boolean admitted) throws Exception {
        try (Supervisor limited = limited(admitted)) {
            limited.update(limited.policy().withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO)));
            for (int use = 0; use < 3; use++) {
                limited.call(context -> {
                    context.commit();
                    return "committed";
                });
                AtomicInteger attempts = new AtomicInteger();
                int last = limited.call(context -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IOException();
                    }
                    return context.attempt();
                });
                assertThat(last).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void areNotReachedByACommitOrACancelOnceTheOneBeforeIsOver(boolean admitted) throws Exception {
        try (Supervisor limited = limited(admitted)) {
            for (int use = 0; use < 3; use++) {
                limited.call(context -> {
                    kept.set(context);
                    return "kept, and not asked";
                });
                kept.get().commit();
                kept.get().cancel();
                Seen seen = limited.call(context -> {
                    kept.get().commit();
                    kept.get().cancel();
                    return look(context);
                });
                assertThat(seen).isEqualTo(UNTOUCHED);
                assertThatIsInterruptedAtItsTimeout(limited);
            }
        }
    }

    /** On one thread all along, by whose frame the next call goes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void areNotReachedByACancelOfTheOneBeforeByAnotherThread(boolean admitted) throws Exception {
        try (Supervisor limited = limited(admitted)) {
            Background<Void> caller = Background.run(() -> {
                limited.call(context -> "not asked");
                Throwable cancelled = catchThrowable(() -> limited.call(this::waitForEver));
                boolean flag = Thread.currentThread().isInterrupted();
                Seen next = limited.call(PlainCallTests::look);
                Seen last = limited.call(PlainCallTests::look);

                assertThat(cancelled).hasCauseInstanceOf(InterruptedException.class);
                assertThat(flag).isFalse();
                assertThat(next).isEqualTo(UNTOUCHED);
                assertThat(last).isEqualTo(UNTOUCHED);
                assertThatIsInterruptedAtItsTimeout(limited);
            });
            assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

            kept.get().cancel();

            caller.get();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void haveTheirTimeoutThoughAnotherThreadHasCommittedTheOneBefore(boolean admitted) throws Exception {
        CountDownLatch outlived = new CountDownLatch(1);
        try (Supervisor limited = limited(admitted)) {
            Background<Void> caller = Background.run(() -> {
                limited.call(context -> "not asked");
                boolean inTime = limited.call(context -> {
                    kept.set(context);
                    begun.countDown();
                    return outlived.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                });
                assertThat(inTime).isTrue();
                assertThatIsInterruptedAtItsTimeout(limited);
                assertThat(limited.call(PlainCallTests::look)).isEqualTo(UNTOUCHED);
            });
            assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

            kept.get().commit();
            time.advance(SECOND);
            assertThat(caller.thread().isInterrupted()).isFalse();
            outlived.countDown();

            caller.get();
        }
    }

    private static Seen look(ExecutionContext context) {
        return new Seen(
                context.remaining(),
                context.isCancelled(),
                Thread.currentThread().isInterrupted(),
                context.attempt());
    }

    private Supervisor limited(boolean admitted) {
        SupervisorPolicy policy = SupervisorPolicy.none()
                .withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(2)).withAttemptTimeout(SECOND));
        return Supervisor.builder("limited")
                .time(time)
                .policy(admitted ? policy.withAdmission(AdmissionPolicy.of(1)) : policy)
                .shutdownGrace(Duration.ZERO)
                .build();
    }

    private void assertThatIsInterruptedAtItsTimeout(Supervisor limited) {
        List<Boolean> flags = new ArrayList<>();
        Throwable late = catchThrowable(() -> limited.call(context -> {
            time.advance(SECOND.minusNanos(1));
            flags.add(Thread.currentThread().isInterrupted());
            time.advance(Duration.ofNanos(1));
            flags.add(Thread.currentThread().isInterrupted());
            throw new InterruptedException("told to end");
        }));
        assertThat(flags).containsExactly(false, true);
        assertThat(late).isInstanceOf(AttemptTimeoutException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private String waitForEver(ExecutionContext context) throws InterruptedException {
        kept.set(context);
        begun.countDown();
        new CountDownLatch(1).await();
        return "never";
    }

    private void callThatWaits() {
        try {
            supervisor.call(this::waitForEver);
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
