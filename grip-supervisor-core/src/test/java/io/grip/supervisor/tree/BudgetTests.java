package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTests {

    private static final IOException DOWN = new IOException("down");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static ChildSpec quick(String name) {
        return child(name).withBackoff(BackoffPolicy.none());
    }

    // ---- the supervisor's window

    /** Two children, "1" and "2", under any strategy. */
    private static Play twoUnder(RestartStrategy strategy, RestartIntensity intensity) {
        boolean template = strategy == RestartStrategy.TEMPLATE;
        Play play = Play.of(builder -> {
            builder.intensity(intensity);
            if (template) {
                builder.template(quick("t"), 10);
            } else {
                builder.strategy(strategy).child(quick("1")).child(quick("2"));
            }
        });
        play.start();
        if (template) {
            play.await(play.tree.spawn("", context -> {})).await(play.tree.spawn("", context -> {}));
        }
        return play;
    }

    @ParameterizedTest
    @EnumSource(RestartStrategy.class)
    @DisplayName("51, trap 1: intensity 2 allows two restarts; the third failure ends the supervisor and its children")
    void theFailureBeyondTheWindowEndsTheSupervisor(RestartStrategy strategy) {
        Play play = twoUnder(strategy, RestartIntensity.of(2, Duration.ofSeconds(5)));

        play.actor("1").fail();
        play.actor("1").fail();
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        assertThat(play.started("1")).isEqualTo(3);
        play.actor("1").fail(DOWN);

        assertThat(play.alive()).isEmpty();
        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        assertThat(play.rootFailures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.cause())
                        .isInstanceOf(EscalatedException.class)
                        .hasCause(DOWN));
    }

    @Test
    @DisplayName("57, trap 1: intensity 0 and budget 0: the first failure is final")
    void withoutBudgetTheFirstFailureIsFinal() {
        Play window = Play.of(
                        builder -> builder.child(quick("a")).intensity(RestartIntensity.of(0, Duration.ofSeconds(5))))
                .start();
        window.actor("a").fail();
        assertThat(window.state("")).isEqualTo(ChildState.FAILED);

        Play budget = Play.of(builder -> builder.child(quick("a").withConsecutiveFailures(0)))
                .start();
        budget.actor("a").fail();
        assertThat(budget.state("a")).isEqualTo(ChildState.FAILED);
        assertThat(budget.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("52, trap 5: with 1 per second, failures every 1.001 s are survived, at 0.999 s they are not")
    void theWindowIsExact() {
        Play apart = Play.of(builder -> builder.child(quick("a")).intensity(RestartIntensity.of(1, SECOND)))
                .start();
        for (int i = 0; i < 5; i++) {
            apart.actor("a").fail();
            apart.advance(Duration.ofMillis(1_001));
        }
        assertThat(apart.state("")).isEqualTo(ChildState.RUNNING);

        Play close = Play.of(builder -> builder.child(quick("a")).intensity(RestartIntensity.of(1, SECOND)))
                .start();
        close.actor("a").fail();
        close.advance(Duration.ofMillis(999));
        close.actor("a").fail();
        assertThat(close.state("")).isEqualTo(ChildState.FAILED);
    }

    @Test
    @DisplayName("56: once the window has passed, as many are allowed again")
    void theWindowSlides() {
        Play play = Play.of(builder -> builder.child(quick("a")).intensity(RestartIntensity.of(2, SECOND)))
                .start();
        play.actor("a").fail();
        play.actor("a").fail();
        play.advance(SECOND);

        play.actor("a").fail();
        play.actor("a").fail();
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        play.actor("a").fail();
        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
    }

    @ParameterizedTest
    @EnumSource(RestartStrategy.class)
    @DisplayName("53: a child that can never start again ends the supervisor and its siblings, at intensity 4")
    void aChildThatNeverStartsAgainEndsTheSupervisor(RestartStrategy strategy) {
        Play play = twoUnder(strategy, RestartIntensity.of(4, Duration.ofMinutes(1)));
        play.fate("1", actor -> actor.throwsNow(DOWN));

        play.actor("1").fail();
        play.advance(Duration.ofSeconds(10));

        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        assertThat(play.started("1")).isEqualTo(5);
        assertThat(play.alive()).isEmpty();
    }

    @Test
    @DisplayName("67: the limit is reached while a retry of a failed start is pending: the supervisor ends")
    void thePendingRetryEndsWithTheSupervisor() {
        Play play = Play.of(
                        builder -> builder.child(child("a").withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(30))))
                                .child(quick("b"))
                                .intensity(RestartIntensity.of(1, Duration.ofMinutes(1))))
                .start();
        play.actor("a").fail();
        play.actor("b").fail();

        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        play.advance(Duration.ofHours(1));
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "rule 2.3.3: only failures are counted: no sibling's stop, no stop by hand, no manual restart; failed starts are")
    void onlyFailuresAreCounted() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                .child(quick("a").awaitReady())
                .child(quick("b"))
                .intensity(RestartIntensity.of(2, Duration.ofMinutes(1))));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.actor("b").fail();
        for (int i = 0; i < 5; i++) {
            play.await(play.tree.stopChild("b")).await(play.tree.restartChild("b"));
        }
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        play.fate("a", actor -> actor.throwsNow(DOWN));

        play.actor("b").fail();

        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        assertThat(play.events(TreeEvent.Failed.class))
                .extracting(TreeEvent.Failed::kind)
                .containsExactly(ChildFailure.CRASH, ChildFailure.CRASH, ChildFailure.START);
    }

    // ---- the child's own budget

    @Test
    @DisplayName("rule 2.3.1: the default budget with the default backoff rides out between 55 and 111 s")
    void theDefaultBudgetLastsAsLongAsSaid() {
        Delays delays = Delays.of(RestartRules.defaults());
        long shortest = 0;
        long longest = 0;
        for (int failures = 1; failures <= RestartRules.defaults().consecutiveFailures(); failures++) {
            shortest += delays.smallest(failures);
            longest += delays.largest(failures);
        }

        assertThat(Duration.ofNanos(shortest)).isEqualTo(Duration.ofMillis(55_500));
        assertThat(Duration.ofNanos(longest)).isEqualTo(Duration.ofMillis(111_000));
    }

    @Test
    @DisplayName("58, 63: two in a row are restarted, the third is final: told once, with that failure as the cause")
    void theFailureBeyondTheBudgetIsFinalAndToldOnce() {
        Play play = Play.of(builder ->
                        builder.child(child("a").withConsecutiveFailures(2)).child(child("b")))
                .start();
        var ended = play.tree.ended("a");
        play.fate("a", actor -> actor.throwsNow(DOWN));

        play.actor("a").fail();
        play.advance(Duration.ofMinutes(1));

        assertThat(play.result(ended)).satisfies(end -> {
            assertThat(end.state()).isEqualTo(ChildState.FAILED);
            assertThat(end.cause()).containsSame(DOWN);
            assertThat(end.generation()).isEqualTo(3);
        });
        assertThat(play.events(TreeEvent.GaveUp.class)).hasSize(1);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=FAILED#3 b=RUNNING#1");
    }

    @Test
    @DisplayName("69: up for the healthy stretch, its failures are forgotten, and the delay is the first again")
    void aHealthyStretchForgetsFailures() {
        Play play = Play.of(builder -> builder.child(child("a").withConsecutiveFailures(2)))
                .start();
        for (int i = 0; i < 10; i++) {
            play.actor("a").fail();
            assertThat(play.at("a").failures()).isEqualTo(1);
            play.time.advance(Duration.ofMillis(200));
            play.settle();
            assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
            play.time.advance(Duration.ofSeconds(30));
        }
    }

    @Test
    @DisplayName("69, rule 2.3.6: just below the healthy stretch nothing is forgotten")
    void justBelowTheHealthyStretchNothingIsForgotten() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.actor("a").fail();
        play.advance(Duration.ofMillis(200));

        play.time.advance(Duration.ofSeconds(30).minusNanos(1));
        play.actor("a").fail();

        assertThat(play.at("a").failures()).isEqualTo(2);
    }

    @Test
    @DisplayName("rule 2.3.6: forgetting needs no timer")
    void runningChildrenNeedNoTimers() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.actor("a").fail();
        play.advance(Duration.ofMillis(200));

        assertThat(play.time.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("73: ready() does not forgive: only time does, or a child could evade its budget")
    void readyDoesNotForgive() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady().withConsecutiveFailures(2)));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", actor -> {
            actor.context().ready();
            actor.context().ready();
            actor.throwsNow(DOWN);
        });

        play.actor("a").fail();
        play.advance(Duration.ofMinutes(1));

        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
        assertThat(play.started("a")).isEqualTo(3);
    }

    @Test
    @DisplayName("rule 1.3: a child that failed for good is tried again after a while; the next failure is final again")
    void aFailedChildIsRevivedUntilItIsHealthy() {
        Play play = Play.of(builder -> builder.child(child("a").withConsecutiveFailures(0)))
                .start();
        play.fate("a", actor -> actor.throwsNow(DOWN));
        play.actor("a").fail();
        play.advance(Duration.ofMinutes(16));
        assertThat(play.started("a")).isEqualTo(4);
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);

        play.fate("a", null);
        play.advance(Duration.ofSeconds(4 * 60 + 5));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.at("a").recovering()).isTrue();
        play.advance(Duration.ofSeconds(30));
        assertThat(play.at("a").recovering()).isFalse();
    }

    @Test
    @DisplayName("rule 1.3: without revival a failed child stays down until it is restarted by hand")
    void withoutRevivalItStaysDown() {
        Play play = Play.of(builder ->
                        builder.child(child("a").withConsecutiveFailures(0).withoutRevival()))
                .start();
        play.actor("a").fail();

        play.advance(Duration.ofDays(1));

        assertThat(play.started("a")).isEqualTo(1);
        play.await(play.tree.restartChild("a"));
        assertThat(play.at("a").failures()).isZero();
        assertThat(play.at("a").recovering()).isFalse();
    }

    @Test
    @DisplayName("rule 2.1: a manual restart of a failed child resets budget and backoff and is not counted")
    void aManualRestartResetsTheBudget() {
        Play play = Play.of(builder -> builder.child(child("a").withConsecutiveFailures(1)))
                .start();
        play.actor("a").fail();
        play.advance(Duration.ofMillis(200));
        play.actor("a").fail();
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);

        play.await(play.tree.restartChild("a"));
        play.actor("a").fail();

        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.at("a").failures()).isEqualTo(1);
    }

    @Test
    @DisplayName("a manual restart of a failed child that fails leaves it failed, and its revival goes on")
    void aFailedManualRestartKeepsTheRevival() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady().withConsecutiveFailures(0)));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", actor -> actor.throwsNow(DOWN));
        play.actor("a").fail();
        var restarted = play.tree.restartChild("a").toCompletableFuture();
        play.settle();
        assertThat(restarted).isCompletedExceptionally();
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);

        play.fate("a", actor -> actor.context().ready());
        play.advance(Duration.ofMinutes(6));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    // ---- escalation

    private static Play nested(RestartPolicy policy, OnGiveUp onGiveUp) {
        return Play.of(builder -> builder.child(child("other"))
                        .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                                .withRestart(RestartRules.defaults()
                                        .withPolicy(policy)
                                        .withJitter(0))
                                .withChild(child("x"))
                                .withChild(child("a").withConsecutiveFailures(0).withOnGiveUp(onGiveUp))
                                .withChild(child("y"))))
                .start();
    }

    @Test
    @DisplayName(
            "rule 1.2: an escalating child takes its siblings down in reverse, and its supervisor is restarted whole")
    void anEscalationRestartsTheSupervisor() {
        Play play = nested(RestartPolicy.ALWAYS, OnGiveUp.ESCALATE);
        play.events.clear();

        play.actor("s/a").fail(DOWN);
        assertThat(play.events(TreeEvent.Stopped.class))
                .extracting(TreeEvent::path)
                .containsExactly("s/y", "s/x");
        assertThat(play.state("s")).isEqualTo(ChildState.BACKING_OFF);
        play.advance(Duration.ofMillis(200));

        assertThat(play.states())
                .isEqualTo("=RUNNING#1 other=RUNNING#1 s=RUNNING#2 s/x=RUNNING#1 s/a=RUNNING#1 s/y=RUNNING#1");
        assertThat(play.at("s").failures()).isEqualTo(1);
        assertThat(play.at("s/a").failures()).isZero();
    }

    @Test
    @DisplayName("trap 4: an escalation is no clean end: a transient supervisor is restarted")
    void aTransientSupervisorThatEscalatesIsRestarted() {
        Play play = nested(RestartPolicy.ON_FAILURE, OnGiveUp.ESCALATE);

        play.actor("s/a").fail(DOWN);
        play.advance(Duration.ofMillis(200));

        assertThat(play.state("s")).isEqualTo(ChildState.RUNNING);
        assertThat(play.at("s").starts()).isEqualTo(2);
    }

    @Test
    @DisplayName("66: a subtree that ends by STOP_SUPERVISOR ends cleanly; its parent and siblings run on")
    void aSubtreeMayEndCleanly() {
        Play play = nested(RestartPolicy.ON_FAILURE, OnGiveUp.STOP_SUPERVISOR);

        play.actor("s/a").fail(DOWN);
        play.advance(Duration.ofHours(1));

        assertThat(play.state("s")).isEqualTo(ChildState.STOPPED);
        assertThat(play.state("other")).isEqualTo(ChildState.RUNNING);
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        assertThat(play.rootFailures).isEmpty();
    }

    @Test
    @DisplayName("rule 2.6.2: the whole chain of causes is kept, with the path of each")
    void theWholeChainOfEscalationsIsKept() {
        RestartRules once = RestartRules.defaults().withConsecutiveFailures(0).withOnGiveUp(OnGiveUp.ESCALATE);
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(once)
                        .withChild(SupervisorSpec.of("t", RestartStrategy.ONE_FOR_ONE)
                                .withRestart(once)
                                .withChild(child("a").withRestart(once)))))
                .start();

        play.actor("s/t/a").fail(DOWN);

        Throwable root = play.rootFailures.get(0).cause();
        assertThat(List.of(root, root.getCause(), root.getCause().getCause()))
                .extracting(link -> ((EscalatedException) link).child())
                .containsExactly("s", "s/t", "s/t/a");
        assertThat(root.getCause().getCause().getCause()).isSameAs(DOWN);
        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        assertThat(play.rootFailures).hasSize(1);
    }

    @Test
    @DisplayName(
            "55: a supervisor that has gone is replaced by its parent, with its workers; so is one stopped and restarted by hand")
    void aSupervisorThatHasGoneIsReplacedWithItsWorkers() {
        Play play = nested(RestartPolicy.ALWAYS, OnGiveUp.STOP_SUPERVISOR);

        play.actor("s/a").fail(DOWN);
        assertThat(play.at("s").lastFailure()).contains(ChildFailure.EXIT);
        assertThat(play.alive()).hasSize(1);
        play.advance(Duration.ofMillis(200));
        assertThat(play.states())
                .isEqualTo("=RUNNING#1 other=RUNNING#1 s=RUNNING#2 s/x=RUNNING#1 s/a=RUNNING#1 s/y=RUNNING#1");

        play.await(play.tree.stopChild("s"));
        assertThat(play.alive()).hasSize(1);
        play.await(play.tree.restartChild("s"));
        assertThat(play.at("s").starts()).isEqualTo(3);
        assertThat(play.at("s").failures()).isZero();
        assertThat(play.started("s/x")).isEqualTo(3);
        assertThat(play.alive()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("55: a worker that is killed or ends is replaced below without the supervisors above noticing")
    void aRestartBelowIsNotNoticedAbove(boolean killed) {
        Play play = nested(RestartPolicy.ALWAYS, OnGiveUp.ISOLATE);

        play.actor("s/x").throwsNow(killed ? DOWN : null);
        play.advance(Duration.ofMillis(200));

        assertThat(play.at("s").starts()).isEqualTo(1);
        assertThat(play.at("s").failures()).isZero();
        assertThat(play.at("s/x").starts()).isEqualTo(2);
    }

    @Test
    @DisplayName("trap 3: budgets multiply on the way up: 3 and 3 make 16 starts")
    void budgetsMultiply() {
        RestartRules three = RestartRules.defaults()
                .withConsecutiveFailures(3)
                .withBackoff(BackoffPolicy.none())
                .withOnGiveUp(OnGiveUp.ESCALATE);
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                .withRestart(three)
                .withChild(child("a").withRestart(three))));
        play.start();
        play.fate("s/a", actor -> actor.throwsNow(DOWN));

        play.actor("s/a").fail();
        play.advance(SECOND);

        assertThat(play.started("s/a")).isEqualTo(16);
        assertThat(play.tree.worstCaseStarts()).isEqualTo(16);
    }

    @Test
    @DisplayName("rule 2.6.3: what was added to a supervisor does not come back with it, and the event says so")
    void whatWasAddedDoesNotComeBack() {
        Play play = nested(RestartPolicy.ALWAYS, OnGiveUp.ESCALATE);
        play.await(play.tree.add("s", child("added")));

        play.actor("s/a").fail();
        play.advance(Duration.ofMillis(200));

        assertThat(play.at("s").child("added")).isEmpty();
        assertThat(play.events(TreeEvent.ChildrenDropped.class)).singleElement().satisfies(event -> {
            assertThat(event.path()).isEqualTo("s");
            assertThat(event.names()).containsExactly("added");
        });
    }

    @Test
    @DisplayName("rule 1.3: a supervisor that gives up under ISOLATE is revived whole")
    void aSupervisorThatGivesUpUnderIsolateIsRevivedWhole() {
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ALL)
                        .withRestart(RestartRules.defaults().withConsecutiveFailures(0))
                        .withChild(child("a").withConsecutiveFailures(0))))
                .start();
        play.actor("s/a").fail(DOWN);
        assertThat(play.state("s")).isEqualTo(ChildState.FAILED);
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);

        play.advance(Duration.ofSeconds(5 * 60 + 5));

        assertThat(play.state("s/a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.at("s").recovering()).isTrue();
    }

    // ---- backoff

    @Test
    @DisplayName("68: not before the delay, exactly once after it, and the next delay is twice as long")
    void waitsOutItsDelayAndStartsOnce() {
        Play play = Play.of(builder -> builder.child(
                        child("a").withBackoff(BackoffPolicy.exponential(SECOND, 2, Duration.ofMinutes(1)))))
                .start();
        play.actor("a").fail();
        play.advance(Duration.ofMillis(999));
        assertThat(play.started("a")).isEqualTo(1);
        play.advance(Duration.ofMillis(1));
        assertThat(play.started("a")).isEqualTo(2);
        assertThat(play.alive()).hasSize(1);

        play.actor("a").fail();
        play.advance(Duration.ofMillis(1_999));
        assertThat(play.started("a")).isEqualTo(2);
        play.advance(Duration.ofMillis(1));
        assertThat(play.started("a")).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "72, 79: for 10 000 draws a delay is within its jitter, never above the cap; without jitter it is exact")
    void delaysStayWithinTheirJitter() {
        SplittableRandom random = new SplittableRandom(7);
        Delays jittered = Delays.of(RestartRules.defaults());
        Delays exact = Delays.of(RestartRules.defaults().withJitter(0));
        long cap = Duration.ofSeconds(30).toNanos();

        for (int i = 0; i < 10_000; i++) {
            int failures = 1 + random.nextInt(20);
            long full = exact.next(failures, random);
            assertThat(jittered.next(failures, random))
                    .isBetween(full / 2, full)
                    .isLessThanOrEqualTo(cap);
        }
        assertThat(exact.next(Integer.MAX_VALUE, random)).isEqualTo(cap);
        assertThat(exact.next(1, random)).isEqualTo(Duration.ofMillis(200).toNanos());
    }

    @Test
    @DisplayName("72: spans of 10 000 days and the largest count do not overflow")
    void delaysDoNotOverflow() {
        Duration days = Duration.ofDays(10_000);
        Delays delays = Delays.of(RestartRules.defaults()
                .withConsecutiveFailures(RestartRules.UNLIMITED)
                .withBackoff(BackoffPolicy.exponential(days, 2, days.multipliedBy(100)))
                .withJitter(0));

        assertThat(delays.next(1, new SplittableRandom())).isEqualTo(days.toNanos());
        assertThat(delays.next(Integer.MAX_VALUE, new SplittableRandom())).isPositive();
    }

    @Test
    @DisplayName("rule 2.3.5: a delay is at least a millisecond, and none at all stays none")
    void aDelayIsAtLeastAMillisecond() {
        Delays tiny = Delays.of(RestartRules.defaults()
                .withBackoff(BackoffPolicy.fixed(Duration.ofMillis(1)))
                .withJitter(1));

        for (int i = 0; i < 100; i++) {
            assertThat(tiny.next(1, new SplittableRandom(i))).isEqualTo(1_000_000);
        }
        assertThat(Delays.of(RestartRules.defaults().withBackoff(BackoffPolicy.none()))
                        .next(1, new SplittableRandom()))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(RestartPolicy.class)
    @DisplayName("74: one that ends by itself comes back after the delay only where it is kept always")
    void aCleanEndIsFollowedByTheDelay(RestartPolicy policy) {
        Play play = Play.of(builder -> builder.child(child("a").withRestart(policy)))
                .start();

        play.actor("a").finish();
        play.advance(Duration.ofMillis(190));
        assertThat(play.started("a")).isEqualTo(1);
        play.advance(Duration.ofMillis(10));

        assertThat(play.started("a")).isEqualTo(policy == RestartPolicy.ALWAYS ? 2 : 1);
    }

    /** When a stop is asked for, as seen from a failure. */
    enum Asked {
        BEFORE,
        DURING_THE_BACKOFF,
        NEVER
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    @DisplayName("75: a stop asked for before or during the backoff is final; without one the child is restarted")
    void aStopIsFinal(Asked asked) {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.manner("a", Play.Manner.STUBBORN);
        if (asked == Asked.BEFORE) {
            play.tree.stopChild("a");
            play.settle();
        }
        play.actor("a").fail();
        if (asked == Asked.DURING_THE_BACKOFF) {
            play.await(play.tree.stopChild("a"));
        }

        play.advance(Duration.ofHours(1));

        assertThat(play.states()).isEqualTo(asked == Asked.NEVER ? "=RUNNING#1 a=RUNNING#2" : "=RUNNING#1 a=STOPPED#1");
    }

    @Test
    @DisplayName("75: a stop of the tree does not wait a backoff out")
    void aStopEndsTheBackoff() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.actor("a").fail();

        play.await(play.tree.stopChild("a"));
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        play.actor("b").fail();
        StopReport report = play.stop();
        assertThat(report.isClean()).isTrue();
        assertThat(play.time.pendingTimers()).isZero();
        play.advance(Duration.ofHours(1));
        assertThat(play.cast).hasSize(2);
    }

    @Test
    @DisplayName("80: a budget of n allows n + 1 attempts")
    void aBudgetOfNAllowsOneMoreAttempt() {
        Play play = Play.of(builder -> builder.child(quick("a").withConsecutiveFailures(4)));
        play.start();
        play.fate("a", actor -> actor.throwsNow(DOWN));

        play.actor("a").fail();
        play.settle();

        assertThat(play.started("a")).isEqualTo(5);
    }

    @Test
    @DisplayName("trap 12: a failure of one child does not lengthen the wait of another")
    void theWaitsOfSiblingsAreTheirOwn() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.actor("a").fail();
        play.advance(Duration.ofMillis(150));
        play.actor("b").fail();

        play.advance(Duration.ofMillis(50));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.state("b")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.events(TreeEvent.RestartScheduled.class)).hasSize(2);
    }

    @Test
    @DisplayName(
            "81: in a failing-restart loop: add says present; stopping and removing work; a manual restart starts now")
    void aChildInARestartLoopCanBeDealtWith() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.fate("a", actor -> actor.throwsNow(DOWN));
        play.actor("a").fail();
        play.advance(Duration.ofSeconds(1));
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.tree.snapshot().active()).isEqualTo(1);
        StartTests.assertRefused(
                play.tree.add("", child("a")).toCompletableFuture(),
                play,
                ChildOperationException.Reason.ALREADY_PRESENT);
        play.fate("a", null);
        play.await(play.tree.restartChild("a"));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        play.actor("a").fail();
        play.await(play.tree.removeChild("a"));
        assertThat(play.states()).isEqualTo("=RUNNING#1 b=RUNNING#1");
        assertThat(play.stop().isClean()).isTrue();
    }

    @Test
    @DisplayName(
            "81: a child that can never start again is listed as waiting, none active; stopping it leaves it stopped; so does the tree's end")
    void aChildThatNeverStartsAgainCanBeStopped() {
        Play play = Play.of(builder -> builder.child(child("a")
                .awaitReady()
                .withFirstStart(FirstStart.RETRY)
                .withConsecutiveFailures(RestartRules.UNLIMITED)));
        play.fate("a", actor -> actor.throwsNow(DOWN));
        play.start();
        play.advance(Duration.ofMinutes(10));
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.tree.snapshot().active()).isZero();
        long before = play.started("a");

        var restarted = play.tree.restartChild("a").toCompletableFuture();
        play.settle();
        assertThat(restarted).isCompletedExceptionally();
        assertThat(play.started("a")).isEqualTo(before + 1);
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        play.await(play.tree.stopChild("a"));
        play.advance(Duration.ofHours(1));
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        assertThat(play.started("a")).isEqualTo(before + 1);

        play.tree.restartChild("a");
        play.advance(Duration.ofMinutes(1));
        play.fate("a", null);
        assertThat(play.stop().isClean()).isTrue();
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        assertThat(play.time.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("81, I5: a manual restart during the backoff starts now, and the old timer does nothing")
    void aManualRestartVoidsTheTimer() {
        Play play = Play.of(
                        builder -> builder.child(child("a").withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(30)))))
                .start();
        play.actor("a").fail();
        play.advance(Duration.ofSeconds(10));

        play.await(play.tree.restartChild("a"));
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2");
        assertThat(play.time.pendingTimers()).isZero();
        play.actor("a").fail();
        play.advance(Duration.ofSeconds(29));

        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.at("a").failures()).isEqualTo(1);
        Node node = play.actor("a").incarnation.node;
        int ofTheFirstDelay = 0;
        node.tree.owner.submit(new Command.NodeDue(node, ofTheFirstDelay));
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
    }

    @Test
    @DisplayName("81: while it starts, and while its group restarts, restart and remove say so")
    void aChildThatIsRestartingRefusesToBeRestarted() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a"))
                        .child(child("b")))
                .start();
        play.actor("a").fail();

        StartTests.assertRefused(
                play.tree.restartChild("a").toCompletableFuture(), play, ChildOperationException.Reason.RESTARTING);
        StartTests.assertRefused(
                play.tree.removeChild("b").toCompletableFuture(), play, ChildOperationException.Reason.RESTARTING);
        assertThat(play.stop().isClean()).isTrue();
    }
}
