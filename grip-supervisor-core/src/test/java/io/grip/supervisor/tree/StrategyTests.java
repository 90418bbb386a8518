package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StrategyTests {

    private static final Duration DELAY = Duration.ofMillis(200);

    private static Play three(RestartStrategy strategy) {
        return Play.of(builder -> builder.strategy(strategy)
                        .child(child("a"))
                        .child(child("b"))
                        .child(child("c")))
                .start();
    }

    @Test
    @DisplayName("36: one for one: the other keeps its incarnation")
    void oneForOneRestartsOnlyTheFailedChild() {
        Play play = three(RestartStrategy.ONE_FOR_ONE);

        play.actor("b").fail();
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#1 b=RUNNING#2 c=RUNNING#1");
    }

    @Test
    @DisplayName("37: one for all: all are new, stopped in reverse, started in order, no old one alive")
    void oneForAllRestartsAll() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        List<Play.Actor> old = List.of(play.actor("a"), play.actor("b"), play.actor("c"));
        play.events.clear();

        play.actor("b").fail();
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RESTARTING#1 b=RESTARTING#1 c=RESTARTING#1");
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2 c=RUNNING#2");
        assertThat(old).noneMatch(Play.Actor::isAlive);
        assertThat(play.events(TreeEvent.Stopped.class))
                .extracting(TreeEvent::path)
                .containsExactly("c", "a");
        assertThat(play.events(TreeEvent.Starting.class))
                .extracting(TreeEvent::path)
                .containsExactly("a", "b", "c");
    }

    @Test
    @DisplayName("38: rest for one: the first keeps its incarnation, the rest are new")
    void restForOneRestartsTheRest() {
        Play play = three(RestartStrategy.REST_FOR_ONE);

        play.actor("b").fail();
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#1 b=RUNNING#2 c=RUNNING#2");
    }

    @Test
    @DisplayName("41, trap 9: one for all: where a later one does not start, all are stopped again and tried in order")
    void oneForAllStartsOverWhenAMemberDoesNotStart() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                .child(child("a"))
                .child(child("b").awaitReady()));
        play.fate("b", actor -> actor.context().ready());
        play.start();
        play.fate("b", actor -> actor.throwsNow(new IOException("no")));

        play.actor("a").fail();
        play.advance(DELAY);
        assertThat(play.started("a")).isEqualTo(2);
        assertThat(play.state("a")).isEqualTo(ChildState.RESTARTING);
        assertThat(play.alive()).isEmpty();

        play.fate("b", actor -> actor.context().ready());
        play.advance(DELAY);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#3 b=RUNNING#3");
        assertThat(play.at("a").failures()).isEqualTo(1);
        assertThat(play.at("b").failures()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "trap 9: rest for one: a member that does not start again is retried; earlier ones run, later ones wait")
    void restForOneRetriesFromTheMemberThatDidNotStart() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.REST_FOR_ONE)
                .child(child("a"))
                .child(child("b").awaitReady())
                .child(child("c")));
        play.fate("b", actor -> actor.context().ready());
        play.start();
        play.fate("b", actor -> actor.throwsNow(new IOException("no")));

        play.actor("a").fail();
        play.advance(DELAY);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RESTARTING#2 c=RESTARTING#1");

        play.fate("b", actor -> actor.context().ready());
        play.advance(DELAY);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#3 c=RUNNING#2");
    }

    @Test
    @DisplayName("43: a supervisor in a one-for-all group is restarted once with all below it")
    void aGroupRestartsANestedSupervisorWithItsChildren() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("manager"))
                        .supervisor(SupervisorSpec.of("workers", RestartStrategy.ONE_FOR_ONE)
                                .withChild(child("w1"))
                                .withChild(child("w2"))))
                .start();

        play.actor("manager").fail();
        play.advance(DELAY);

        assertThat(play.states())
                .isEqualTo("=RUNNING#1 manager=RUNNING#2 workers=RUNNING#2 workers/w1=RUNNING#1 workers/w2=RUNNING#1");
        assertThat(play.started("workers/w1")).isEqualTo(2);
        assertThat(play.alive()).hasSize(3);
    }

    @Test
    @DisplayName("43: a manager and three workers in a one-for-all group: one worker dies, and each is restarted once")
    void aGroupOfAManagerAndItsWorkersIsRestartedOnce() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("manager"))
                        .child(child("w1"))
                        .child(child("w2"))
                        .child(child("w3")))
                .start();

        play.actor("w2").fail();
        play.advance(Duration.ofMinutes(1));

        assertThat(play.states()).isEqualTo("=RUNNING#1 manager=RUNNING#2 w1=RUNNING#2 w2=RUNNING#2 w3=RUNNING#2");
        assertThat(play.events(TreeEvent.Restarted.class))
                .extracting(TreeEvent::path)
                .containsExactly("manager", "w1", "w2", "w3");
    }

    @Test
    @DisplayName(
            "44: a supervisor with two slow children does not start again before both have ended; what is asked meanwhile is answered")
    void aSupervisorWaitsForItsSlowChildrenBeforeItStartsAgain() {
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(RestartRules.defaults().withJitter(0))
                        .withChild(child("slow1"))
                        .withChild(child("slow2"))
                        .withChild(child("a").withConsecutiveFailures(0).withOnGiveUp(OnGiveUp.ESCALATE))))
                .start();
        play.manner("s/slow1", Play.Manner.NEEDS_INTERRUPT);
        play.manner("s/slow2", Play.Manner.NEEDS_INTERRUPT);

        play.actor("s/a").fail();
        play.advance(Duration.ofMillis(5_010));
        assertThat(play.actor("s/slow2").isAlive()).isFalse();
        StartTests.assertRefused(
                play.tree.add("s", child("late")).toCompletableFuture(),
                play,
                ChildOperationException.Reason.NOT_RUNNING);
        play.advance(Duration.ofMillis(4_980));
        assertThat(play.at("s").starts()).isEqualTo(1);
        assertThat(play.state("s")).isEqualTo(ChildState.STOPPING);

        play.advance(DELAY.plusMillis(20));

        assertThat(play.states()).isEqualTo("=RUNNING#1 s=RUNNING#2 s/slow1=RUNNING#1 s/slow2=RUNNING#1 s/a=RUNNING#1");
        assertThat(play.started("s/slow1")).isEqualTo(2);
    }

    @Test
    @DisplayName("44: a group does not start before each of its members has ended")
    void aGroupWaitsForItsSlowestMember() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        play.manner("b", Play.Manner.NEEDS_INTERRUPT);
        play.manner("c", Play.Manner.NEEDS_INTERRUPT);

        play.actor("a").fail();
        play.advance(Duration.ofMillis(4_990));
        assertThat(play.state("c")).isEqualTo(ChildState.STOPPING);
        assertThat(play.state("b")).isEqualTo(ChildState.RUNNING);
        play.advance(Duration.ofSeconds(5));
        assertThat(play.started("a")).isEqualTo(1);

        play.advance(DELAY.plusMillis(10));
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2 c=RUNNING#2");
    }

    @Test
    @DisplayName("trap 8: deaths that the supervisor brings about are not failures")
    void onlyTheInitiatorIsCharged() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);

        play.actor("a").fail();
        play.advance(DELAY);

        assertThat(play.tree.snapshot().children())
                .extracting(ChildSnapshot::failures)
                .containsExactly(1, 0, 0);
        assertThat(play.events(TreeEvent.Failed.class)).hasSize(1);
    }

    @Test
    @DisplayName("rule 2.3.7: a sibling that fails meanwhile joins the restart, and is not counted")
    void aSiblingThatFailsMeanwhileJoins() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        play.manner("c", Play.Manner.STUBBORN);
        play.actor("a").fail();

        play.actor("b").fail();
        assertThat(play.state("b")).isEqualTo(ChildState.RESTARTING);
        play.actor("c").fail();
        play.manner("c", Play.Manner.POLITE);
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2 c=RUNNING#2");
        assertThat(play.tree.snapshot().children())
                .extracting(ChildSnapshot::failures)
                .containsExactly(1, 0, 0);
    }

    @Test
    @DisplayName("rule 2.3.7: an earlier member that fails while the rest is down widens the restart")
    void anEarlierMemberThatFailsWhileTheRestIsDownWidensTheRestart() {
        Play play = three(RestartStrategy.REST_FOR_ONE);
        play.actor("c").fail();
        assertThat(play.state("c")).isEqualTo(ChildState.RESTARTING);

        play.actor("a").fail();
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RESTARTING#1 b=RESTARTING#1 c=RESTARTING#1");
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2 c=RUNNING#2");
        assertThat(play.tree.snapshot().children())
                .extracting(ChildSnapshot::failures)
                .containsExactly(1, 0, 1);
    }

    @Test
    @DisplayName("rule 2.3.7: an earlier member that fails while the rest stops widens the restart")
    void anEarlierMemberThatFailsWhileTheRestStopsWidensTheRestart() {
        Play play = three(RestartStrategy.REST_FOR_ONE);
        play.manner("c", Play.Manner.NEEDS_INTERRUPT);
        play.actor("b").fail();
        assertThat(play.state("c")).isEqualTo(ChildState.STOPPING);

        play.actor("a").fail();
        play.advance(Duration.ofSeconds(6));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2 c=RUNNING#2");
    }

    @Test
    void aMemberThatFailsWhileLaterOnesStartBeginsANewRound() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                .child(child("a"))
                .child(child("b").awaitReady()));
        play.fate("b", actor -> actor.context().ready());
        play.start();
        play.fate("b", null);
        play.actor("a").fail();
        play.advance(DELAY);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=STARTING#2");

        play.actor("a").fail();
        play.fate("b", actor -> actor.context().ready());
        play.advance(DELAY.multipliedBy(2));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#3 b=RUNNING#3");
        assertThat(play.at("a").failures()).isEqualTo(2);
    }

    @Test
    @DisplayName("rule 2.3.7: a group waits the largest delay of its members, once")
    void aGroupWaitsTheLargestDelayOnce() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a"))
                        .child(child("slow").withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(3))))
                        .child(child("b")))
                .start();

        play.actor("a").fail();
        play.advance(Duration.ofMillis(2_990));
        assertThat(play.alive()).isEmpty();
        play.advance(Duration.ofMillis(10));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 slow=RUNNING#2 b=RUNNING#2");
    }

    @Test
    @DisplayName("trap 6: a slow stop does not evade the budget: consecutive failures know no window")
    void aSlowStopDoesNotEvadeTheBudget() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a").withConsecutiveFailures(3))
                        .child(child("slow"))
                        .intensity(RestartIntensity.of(3, Duration.ofSeconds(1))))
                .start();
        play.manner("slow", Play.Manner.NEEDS_INTERRUPT);
        play.fate("a", actor -> actor.throwsNow(new IOException("down")));

        play.actor("a").fail();
        play.advance(Duration.ofMinutes(5));

        assertThat(play.started("a")).isEqualTo(4);
        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
    }

    @Test
    @DisplayName("rule 2.4: a member that cannot be stopped makes its group escalate")
    void aMemberThatDoesNotStopMakesTheGroupEscalate() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        play.manner("b", Play.Manner.STUBBORN);

        play.actor("a").fail();
        play.advance(Duration.ofSeconds(11));

        assertThat(play.rootFailures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.cause())
                        .isInstanceOfSatisfying(EscalatedException.class, escalated -> {
                            assertThat(escalated.reason()).isEqualTo(EscalationReason.CANNOT_STOP);
                            assertThat(escalated.child()).isEqualTo("b");
                        }));
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("rule 1.2: a member that gives up under ISOLATE leaves its group running")
    void anIsolatedMemberThatGivesUpLeavesItsGroupRunning() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a").withConsecutiveFailures(0).withOnGiveUp(OnGiveUp.ISOLATE))
                        .child(child("b")))
                .start();

        play.actor("a").fail();
        play.actor("b").fail();
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=FAILED#1 b=RUNNING#2");
    }

    @Test
    void aMemberStoppedByHandDuringTheRestartStaysStoppedAndTheRestGoesOn() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        play.actor("a").fail();

        play.await(play.tree.stopChild("b"));
        play.await(play.tree.stopChild("a"));
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=STOPPED#1 b=STOPPED#1 c=RUNNING#2");
    }

    @Test
    void aMemberRemovedDuringTheRestartIsGoneAndTheRestGoesOn() {
        Play play = three(RestartStrategy.ONE_FOR_ALL);
        play.actor("a").fail();
        play.await(play.tree.stopChild("a")).await(play.tree.removeChild("a"));

        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 b=RUNNING#2 c=RUNNING#2");
    }

    @Test
    void aMemberStoppedByHandWhileTheGroupWaitsForItToStartLetsTheRestStart() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                .child(child("a").awaitReady())
                .child(child("b")));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", null);
        play.actor("b").fail();
        play.advance(DELAY);
        assertThat(play.state("a")).isEqualTo(ChildState.STARTING);

        play.await(play.tree.stopChild("a"));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=STOPPED#2 b=RUNNING#2");
    }
}
