package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The promises about a policy that is changed while work is under way. */
class UpdateTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final SupervisorPolicy BASE = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0));

    private final ManualTime time = ManualTime.create();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();

    private Supervisor.Builder builder(SupervisorPolicy policy) {
        return Supervisor.builder("changing")
                .time(time)
                .telemetry(telemetry)
                .executor(Runnable::run)
                .shutdownGrace(Duration.ZERO)
                .policy(policy);
    }

    private Supervisor supervisor(SupervisorPolicy policy) {
        return builder(policy).build();
    }

    private static SupervisorPolicy limit(int limit) {
        return BASE.withAdmission(AdmissionPolicy.of(limit).withMaxWait(Duration.ofMinutes(1)));
    }

    /** Attempts that run until they are told, and those of them that were admitted. */
    private static final class Holders {

        private final Supervisor supervisor;
        private final List<CompletableFuture<String>> stages = new ArrayList<>();
        private final List<CompletableFuture<Result<String>>> results = new ArrayList<>();

        Holders(Supervisor supervisor) {
            this.supervisor = supervisor;
        }

        Holders add(int count) {
            IntStream.range(0, count)
                    .forEach(each -> results.add(supervisor.runAsync(context -> {
                        CompletableFuture<String> stage = new CompletableFuture<>();
                        stages.add(stage);
                        return stage;
                    })));
            return this;
        }

        int admitted() {
            return stages.size();
        }

        void end(int index) {
            stages.get(index).complete("done");
        }

        void endAll() {
            for (int index = 0; index < stages.size(); index++) {
                end(index);
            }
            assertThat(results)
                    .allSatisfy(result -> assertThat(result).isCompletedWithValueMatching(Result::isSuccess));
        }
    }

    private static CompletableFuture<String> failing() {
        return CompletableFuture.failedFuture(new IOException("down"));
    }

    @Test
    void theNewPolicyIsInForceForWhatBeginsAfterIt() {
        Supervisor supervisor = supervisor(BASE);

        supervisor.update(BASE.withRetry(RetryPolicy.none()));

        assertThat(supervisor.policy().retry().maxAttempts().allowsAfter(1)).isFalse();
        assertThat(supervisor.runAsync(context -> failing()).join().attempts()).isOne();
        assertThat(telemetry.count("policyChanged")).isOne();
    }

    @Test
    void anExecutionUnderWayKeepsThePolicyItBeganWith() {
        Supervisor supervisor = supervisor(BASE);
        CompletableFuture<Result<String>> before = supervisor.runAsync(context -> failing());

        supervisor.update(SupervisorPolicy.none());
        time.advance(SECOND.multipliedBy(2));

        assertThat(before.join().attempts()).isEqualTo(3);
        assertThat(before.join().escalated()).isTrue();
    }

    @Test
    void aBlockedExecutionKeepsThePolicyItBeganWithToo() {
        Supervisor supervisor = builder(BASE).time(ManualTime.selfAdvancing()).build();
        AtomicInteger attempts = new AtomicInteger();

        Result<String> result = supervisor.run(context -> {
            attempts.incrementAndGet();
            supervisor.update(SupervisorPolicy.none());
            throw new IOException("down");
        });

        assertThat(result.attempts()).isEqualTo(3);
        assertThat(supervisor
                        .<String>run(context -> {
                            throw new IOException("down");
                        })
                        .attempts())
                .isOne();
    }

    @Test
    void aCallThatFailsOnTheShortWayKeepsThePolicyItBeganWith() {
        Supervisor supervisor = Supervisor.builder("plain")
                .time(ManualTime.selfAdvancing())
                .policy(BASE)
                .build();
        AtomicInteger attempts = new AtomicInteger();

        assertThat(Background.call(() -> supervisor.call(context -> {
                    supervisor.update(limit(1).withRetry(RetryPolicy.none()));
                    if (attempts.incrementAndGet() < 3) {
                        throw new IOException("down");
                    }
                    return "third time lucky";
                })))
                .satisfies(call -> assertThat(call.get()).isEqualTo("third time lucky"));
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.<String>run(context -> "free").value()).isEqualTo("free");
    }

    @Test
    void limitsOfTimeAreThoseOfTheBeginning() {
        Supervisor supervisor = supervisor(BASE.withDeadline(DeadlinePolicy.of(SECOND.multipliedBy(5))));
        CompletableFuture<Result<String>> before = supervisor.runAsync(context -> new CompletableFuture<>());

        supervisor.update(BASE.withDeadline(DeadlinePolicy.of(SECOND)));
        CompletableFuture<Result<String>> after = supervisor.runAsync(context -> new CompletableFuture<>());
        time.advance(SECOND);

        assertThat(after.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(before).isNotDone();
        time.advance(SECOND.multipliedBy(4));
        assertThat(before.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
    }

    @Test
    void aRaisedLimitServesThoseWhoWaitAtOnceInTheirOrder() {
        Supervisor supervisor = supervisor(limit(1));
        Holders holders = new Holders(supervisor).add(4);
        assertThat(holders.admitted()).isOne();
        assertThat(supervisor.waiting()).isEqualTo(3);

        supervisor.update(limit(3));

        assertThat(holders.admitted()).isEqualTo(3);
        assertThat(supervisor.waiting()).isOne();
        holders.endAll();
    }

    @Test
    void aRaisedLimitServesAThreadThatWaits() throws Exception {
        Supervisor supervisor = supervisor(limit(1));
        Holders holders = new Holders(supervisor).add(1);
        Background<Result<String>> waiting = Background.call(() -> supervisor.run(context -> "served"));
        time.awaitWaitingThreads(1, PATIENCE);

        supervisor.update(limit(2));

        assertThat(waiting.get().value()).isEqualTo("served");
        holders.endAll();
    }

    @Test
    void aLoweredLimitTakesNoPermitAwayAndLetsThemRunOut() {
        Supervisor supervisor = supervisor(limit(3));
        Holders holders = new Holders(supervisor).add(3);

        supervisor.update(limit(1));
        holders.add(1);

        assertThat(supervisor.inFlight()).isEqualTo(3);
        assertThat(holders.admitted()).isEqualTo(3);
        holders.end(0);
        holders.end(1);
        assertThat(holders.admitted())
                .as("two of three are out of the way, the limit is one")
                .isEqualTo(3);
        holders.end(2);
        assertThat(holders.admitted()).isEqualTo(4);
        holders.endAll();
    }

    @Test
    void aLimitThatGoesAwayServesEveryoneAndCountsAgainWhenItComesBack() {
        Supervisor supervisor = supervisor(limit(1));
        Holders holders = new Holders(supervisor).add(3);

        supervisor.update(BASE);
        assertThat(holders.admitted()).isEqualTo(3);
        assertThat(supervisor.waiting()).isZero();

        supervisor.update(limit(3));
        holders.add(1);
        assertThat(holders.admitted())
                .as("the three that had a permit still have it")
                .isEqualTo(3);
        holders.end(0);
        assertThat(holders.admitted()).isEqualTo(4);
        holders.endAll();
        assertThat(supervisor.inFlight()).isZero();
    }

    @Test
    void aLimitThatAppearsHoldsForWhatComesAfterIt() {
        Supervisor supervisor = supervisor(BASE);
        Holders before = new Holders(supervisor).add(2);

        supervisor.update(limit(1));
        Holders after = new Holders(supervisor).add(2);

        assertThat(after.admitted()).isOne();
        before.endAll();
        assertThat(after.admitted())
                .as("who never had a permit gives none back")
                .isOne();
        after.end(0);
        assertThat(after.admitted()).isEqualTo(2);
        after.endAll();
    }

    @Test
    void aRetryOfAnExecutionFromBeforeTheLimitNeedsAPermitOfIt() {
        Supervisor supervisor = supervisor(BASE);
        AtomicInteger attempts = new AtomicInteger();
        CompletableFuture<Result<String>> before = supervisor.runAsync(
                context -> attempts.incrementAndGet() == 1 ? failing() : CompletableFuture.completedFuture("well"));
        supervisor.update(limit(1));
        Holders holder = new Holders(supervisor).add(1);

        time.advance(SECOND);
        assertThat(attempts).hasValue(1);
        assertThat(supervisor.waiting()).isOne();

        holder.end(0);
        assertThat(before.join().value()).isEqualTo("well");
    }

    @Test
    void thePatienceOfOneWhoWaitsIsThatOfItsOwnPolicy() {
        Supervisor supervisor = supervisor(limit(1));
        Holders holders = new Holders(supervisor).add(1);
        CompletableFuture<Result<String>> patient = supervisor.runAsync(context -> new CompletableFuture<>());

        supervisor.update(BASE.withAdmission(AdmissionPolicy.of(1)));

        assertThat(supervisor.run(context -> "late").failure()).isEqualTo(FailureKind.REJECTED);
        assertThat(patient).isNotDone();
        time.advance(Duration.ofMinutes(1));
        assertThat(patient.join().failure()).isEqualTo(FailureKind.REJECTED);
        holders.endAll();
    }

    @Test
    void anAttemptThatWasCancelledGivesBackThePermitOfTheLimitItTookItFrom() {
        Supervisor supervisor = supervisor(limit(1));
        CompletableFuture<Result<String>> held = supervisor.runAsync(context -> new CompletableFuture<>());
        supervisor.update(BASE);

        held.cancel(true);
        supervisor.update(limit(1));

        assertThat(supervisor.<String>run(context -> "free").value()).isEqualTo("free");
    }

    @Test
    void changesTheWayFromShortToLongAndBack() throws Exception {
        Supervisor supervisor = Supervisor.builder("plain")
                .time(ManualTime.selfAdvancing())
                .policy(BASE)
                .build();
        assertThat(supervisor.<String>call(context -> "short")).isEqualTo("short");
        AtomicInteger runs = new AtomicInteger();

        supervisor.update(BASE.withRestart(RestartPolicy.ALWAYS));
        supervisor.call(context -> runs.incrementAndGet());
        assertThat(runs).as("one and three restarts").hasValue(4);

        supervisor.update(BASE);
        supervisor.call(context -> runs.incrementAndGet());
        assertThat(runs).hasValue(5);
    }

    @Test
    void aParentDecidesByThePolicyItHasWhenItHears() {
        RecordingHooks above = new RecordingHooks();
        Supervisor top = Supervisor.builder("top").hooks(above).build();
        Supervisor middle = Supervisor.builder("middle").parent(top).build();
        Supervisor below = builder(
                        SupervisorPolicy.defaults().withRetry(RetryPolicy.none().withBackoff(BackoffPolicy.none())))
                .parent(middle)
                .build();
        middle.update(SupervisorPolicy.defaults().withEscalation(EscalationPolicy.of(false, false)));

        below.run(context -> {
            throw new IOException("down");
        });
        assertThat(above.names()).isEmpty();

        middle.update(SupervisorPolicy.defaults());
        below.run(context -> {
            throw new IOException("down");
        });
        assertThat(above.names()).hasSize(1);
    }

    @Test
    void aDrainingSupervisorTakesItAndGoesByItOnceResumed() {
        Supervisor supervisor = supervisor(BASE);
        supervisor.drain();

        supervisor.update(BASE.withRetry(RetryPolicy.of(2).withBackoff(BackoffPolicy.none())));
        assertThat(supervisor
                        .run(context -> {
                            throw new IOException("down");
                        })
                        .attempts())
                .isOne();

        supervisor.resume();
        assertThat(supervisor
                        .run(context -> {
                            throw new IOException("down");
                        })
                        .attempts())
                .isEqualTo(2);
    }

    @Test
    void aClosedSupervisorStaysClosed() {
        Supervisor supervisor = supervisor(limit(1));
        supervisor.close();

        supervisor.update(limit(5));

        assertThat(supervisor.run(context -> "never").failure()).isEqualTo(FailureKind.SHUTDOWN);
    }

    @Test
    void noPolicyIsNoPolicy() {
        Supervisor supervisor = supervisor(BASE);

        assertThatNullPointerException()
                .isThrownBy(() -> supervisor.update(null))
                .withMessage("policy");
        assertThat(supervisor.policy()).isEqualTo(BASE);
    }

    @Test
    void whoIsServedMayChangeThePolicyInTurn() {
        Supervisor supervisor = supervisor(limit(1));
        Holders holders = new Holders(supervisor).add(1);
        CompletableFuture<Result<String>> inTurn = supervisor.runAsync(context -> {
            supervisor.update(limit(7));
            return CompletableFuture.completedFuture("changed");
        });

        supervisor.update(limit(2));

        assertThat(inTurn.join().value()).isEqualTo("changed");
        assertThat(supervisor.policy()).isEqualTo(limit(7));
        holders.add(6);
        assertThat(holders.admitted()).isEqualTo(7);
        holders.endAll();
    }

    @Test
    void permitsAreNeitherLostNorDoubledWhileTheLimitMovesUnderLoad() throws Exception {
        Supervisor supervisor = Supervisor.builder("moving").policy(limit(2)).build();
        CountDownLatch over = new CountDownLatch(1);
        Random random = new Random(1);
        Background<Void> operator = Background.run(() -> {
            try {
                for (int change = 0; change < 3_000; change++) {
                    int limit = random.nextInt(4);
                    supervisor.update(limit == 0 ? BASE : limit(limit));
                }
            } finally {
                over.countDown();
            }
        });
        List<Background<Integer>> callers = IntStream.range(0, 4)
                .mapToObj(caller -> Background.call(() -> {
                    int failed = 0;
                    while (!over.await(0, TimeUnit.NANOSECONDS)) {
                        failed += supervisor.run(context -> "done").isSuccess() ? 0 : 1;
                        failed += supervisor
                                        .runAsync(context -> CompletableFuture.completedFuture("done"))
                                        .get(20, TimeUnit.SECONDS)
                                        .isSuccess()
                                ? 0
                                : 1;
                    }
                    return failed;
                }))
                .toList();
        operator.get();
        for (Background<Integer> caller : callers) {
            assertThat(caller.get()).isZero();
        }

        supervisor.update(BASE.withAdmission(AdmissionPolicy.of(2)));

        Holders holders = new Holders(supervisor).add(2);
        assertThat(holders.admitted()).as("none was lost").isEqualTo(2);
        assertThat(supervisor.run(context -> "third").failure())
                .as("none was doubled")
                .isEqualTo(FailureKind.REJECTED);
        holders.endAll();
    }
}
