package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of several supervisors that take turns on one thread: each knows of itself alone. */
@Timeout(60)
class PlainCallsInTurnTests {

    private static final long PATIENCE_SECONDS = 20;
    private static final int SEEDS = 4;
    private static final int CALLS = 1_000;
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 3;

    private static final List<SupervisorPolicy> POLICIES = List.of(
            policy(DeadlinePolicy.none()),
            policy(DeadlinePolicy.of(SECOND.multipliedBy(2)).withAttemptTimeout(SECOND)),
            policy(DeadlinePolicy.of(SECOND.multipliedBy(3))).withAdmission(AdmissionPolicy.of(1)),
            policy(DeadlinePolicy.none().withAttemptTimeout(SECOND.multipliedBy(4))),
            policy(DeadlinePolicy.of(SECOND.multipliedBy(6)).withAttemptTimeout(SECOND.multipliedBy(5)))
                    .withAdmission(AdmissionPolicy.of(2)));

    private static SupervisorPolicy policy(DeadlinePolicy limits) {
        return SupervisorPolicy.none()
                .withDeadline(limits)
                .withRetry(RetryPolicy.of(ATTEMPTS).withBackoff(Duration.ZERO));
    }

    enum Caller {
        PLATFORM,
        VIRTUAL;

        void run(Background.Body body) throws Exception {
            if (this == PLATFORM) {
                Background.run(body).get();
                return;
            }
            assumeTrue(Threads.haveVirtual());
            CompletableFuture<Boolean> virtual = new CompletableFuture<>();
            Threads.start("in turn", () -> {
                try {
                    body.run();
                    virtual.complete(Threads.isVirtual(Thread.currentThread()));
                } catch (Throwable thrown) {
                    virtual.completeExceptionally(thrown);
                }
            });
            assertThat(virtual.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private enum Turn {
        UNASKED,
        ASKED,
        FAILS_ONCE,
        FAILS_ONCE_UNASKED,
        FAILS,
        COMMITS,
        COMMITTED_BY_ANOTHER,
        CANCELLED,
        CANCELLED_BY_ANOTHER,
        TOO_LATE,
        TOO_LATE_BUT_DONE,
        ASKED_AFTERWARDS;

        /** Two of three turns ask nothing, as most calls do. */
        static Turn of(Random random) {
            return random.nextInt(3) > 0 ? UNASKED : values()[random.nextInt(values().length)];
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachSeesItsOwnLimitsAndNothingOfTheOthers(Caller caller) throws Exception {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Turns turns = new Turns(seed);
            caller.run(turns::play);
        }
    }

    private record Seen(Optional<Duration> remaining, boolean cancelled, boolean interrupted, int attempt) {}

    private static final class Turns {
        private final ManualTime time = ManualTime.create();
        private final List<Supervisor> supervisors = new ArrayList<>();
        private final int seed;
        private final Random random;

        private DeadlinePolicy limits;
        private Turn turn;
        private long begun;
        private long attemptBegun;
        private int attempts;
        private ExecutionContext kept;
        private ExecutionContext over;
        private Background<Void> another;
        private List<Seen> seen;
        private List<Seen> expected;

        Turns(int seed) {
            this.seed = seed;
            random = new Random(seed);
            for (SupervisorPolicy policy : POLICIES.subList(0, 3)) {
                supervisors.add(
                        Supervisor.builder("in turn").time(time).policy(policy).build());
            }
        }

        void play() throws Exception {
            for (int call = 0; call < CALLS; call++) {
                Supervisor supervisor = supervisors.get(random.nextInt(supervisors.size()));
                if (random.nextInt(5) == 0) {
                    supervisor.update(POLICIES.get(random.nextInt(POLICIES.size())));
                }
                turn = Turn.of(random);
                String what = "seed %d, call %d, %s with %s".formatted(seed, call, turn, supervisor.policy());
                Throwable failure = call(supervisor);

                assertThat(Thread.interrupted()).as(what).isFalse();
                assertThat(seen).as(what).isEqualTo(expected);
                assertThat(failure == null).as("%s: %s", what, failure).isEqualTo(succeeds());
                assertThat(attempts).as(what).isEqualTo(expectedAttempts());
                assertThat(supervisor.inFlight()).as(what).isZero();
            }
            supervisors.forEach(Supervisor::close);
        }

        private Throwable call(Supervisor supervisor) throws Exception {
            limits = supervisor.policy().deadline();
            seen = new ArrayList<>();
            expected = new ArrayList<>();
            attempts = 0;
            another = null;
            begun = time.nanoTime();
            Throwable failure = catchThrowable(() -> supervisor.call(this::attempt));
            if (another != null) {
                another.get();
            }
            if (turn == Turn.ASKED_AFTERWARDS) {
                assertThat(kept.isCancelled()).isFalse();
                kept.commit();
                kept.cancel();
                over = kept;
            }
            return failure;
        }

        private boolean succeeds() {
            return switch (turn) {
                case FAILS, CANCELLED, CANCELLED_BY_ANOTHER -> false;
                case TOO_LATE -> limits.timeout().isEmpty() || endsBeforeTheDeadline();
                default -> true;
            };
        }

        private int expectedAttempts() {
            return switch (turn) {
                case FAILS_ONCE, FAILS_ONCE_UNASKED -> 2;
                case FAILS -> ATTEMPTS;
                case TOO_LATE -> endsBeforeTheDeadline() ? 2 : 1;
                default -> 1;
            };
        }

        /** Whether an attempt that takes too long leaves time for another. */
        private boolean endsBeforeTheDeadline() {
            return limits.attemptTimeout().isPresent();
        }

        private String attempt(ExecutionContext context) throws Exception {
            attempts++;
            attemptBegun = time.nanoTime();
            if (over != null) {
                over.commit();
                over.cancel();
            }
            switch (turn) {
                case ASKED -> look(context, false, false);
                case FAILS_ONCE -> {
                    look(context, false, false);
                    failOnce();
                }
                case FAILS_ONCE_UNASKED -> failOnce();
                case FAILS -> throw new IOException();
                case COMMITS -> {
                    context.commit();
                    outliveTheTimeout();
                    look(context, true, false);
                }
                case COMMITTED_BY_ANOTHER -> {
                    another = Background.run(context::commit);
                    another.get();
                    outliveTheTimeout();
                    look(context, true, false);
                }
                case CANCELLED -> {
                    context.cancel();
                    look(context, false, true);
                    throw new InterruptedException("told to end");
                }
                case CANCELLED_BY_ANOTHER -> {
                    another = Background.run(context::cancel);
                    another.thread().join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
                    throw new InterruptedException("told to end");
                }
                case TOO_LATE -> {
                    if (attempts == 1 && isTooLate()) {
                        throw new InterruptedException("told to end");
                    }
                }
                case TOO_LATE_BUT_DONE -> {
                    if (isTooLate() && random.nextBoolean()) {
                        Thread.interrupted();
                    }
                }
                case UNASKED, ASKED_AFTERWARDS -> kept = context;
            }
            return "value";
        }

        private void look(ExecutionContext context, boolean committed, boolean cancelled) {
            seen.add(new Seen(
                    context.remaining(),
                    context.isCancelled(),
                    Thread.currentThread().isInterrupted(),
                    context.attempt()));
            expected.add(new Seen(remaining(committed), cancelled, cancelled, attempts));
        }

        private Optional<Duration> remaining(boolean committed) {
            Duration since = Duration.ofNanos(time.nanoTime() - begun);
            Duration attempt = Duration.ofNanos(time.nanoTime() - attemptBegun);
            return Stream.concat(
                            limits.timeout().map(limit -> limit.minus(since)).stream(),
                            limits
                                    .attemptTimeout()
                                    .filter(limit -> !committed)
                                    .map(limit -> limit.minus(attempt))
                                    .stream())
                    .min(Comparator.naturalOrder());
        }

        private void failOnce() throws IOException {
            time.advance(STEP);
            if (attempts == 1) {
                throw new IOException();
            }
        }

        private void outliveTheTimeout() {
            limits.attemptTimeout().ifPresent(time::advance);
        }

        /** Where there is a limit, it passes. */
        private boolean isTooLate() {
            Optional<Duration> limit = remaining(false);
            limit.ifPresent(time::advance);
            return limit.isPresent();
        }
    }
}
