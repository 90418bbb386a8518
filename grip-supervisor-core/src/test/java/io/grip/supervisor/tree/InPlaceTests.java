package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Restarts without a delay, on threads that offer to go on: when they do, and above all when they do not. */
class InPlaceTests {

    private static final IOException DOWN = new IOException("down");

    private static ChildSpec restless(String name) {
        return child(name).withBackoff(BackoffPolicy.none());
    }

    private static Play playOf(Consumer<SupervisionTree.Builder> setUp) {
        Play play = Play.of(setUp);
        play.inPlace = true;
        return play;
    }

    private static Play playOf(ChildSpec... children) {
        return playOf(builder -> List.of(children).forEach(builder::child));
    }

    // ---- it goes on

    @Test
    void theNextIncarnationGoesOnOnTheSameThread() {
        Play play = playOf(restless("a")).start();
        Play.Actor first = play.actor("a");

        first.fail();

        Play.Actor second = play.actor("a");
        assertThat(second.thread).isSameAs(first.thread);
        assertThat(second.incarnation).isNotSameAs(first.incarnation);
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.at("a").generation()).isEqualTo(2);
        assertThat(play.at("a").starts()).isEqualTo(2);
        assertThat(play.at("a").failures()).isEqualTo(1);
    }

    @Test
    @DisplayName("rule 2.2.4: a resident worker that returns goes on too")
    void soItDoesAfterAReturn() {
        Play play = playOf(restless("a")).start();

        play.actor("a").finish();
        play.settle();

        assertThat(play.wentOn).isEqualTo(1);
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("what is told and shown is the same, wherever the next incarnation begins")
    void nobodySeesADifference() {
        List<List<TreeEvent>> told = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (boolean inPlace : new boolean[] {false, true}) {
            Play play = Play.of(builder -> builder.child(restless("a").withConsecutiveFailures(2))
                    .child(restless("b").awaitReady())
                    .child(restless("c").withRestart(RestartPolicy.ON_FAILURE)));
            play.inPlace = inPlace;
            play.tree.startAsync();
            play.settle();
            play.actor("b").context().ready();
            play.settle();
            play.actor("b").fail(DOWN);
            play.actor("a").fail(DOWN);
            play.actor("c").fail(DOWN);
            play.actor("b").context().ready();
            play.actor("a").fail(DOWN);
            play.actor("a").fail(DOWN);
            play.actor("c").finish();
            play.advance(Duration.ofMinutes(6));
            assertThat(play.wentOn).isEqualTo(inPlace ? 4 : 0);
            seen.add(play.states() + play.stop());
            told.add(play.events(TreeEvent.class));
        }

        assertThat(told.get(1)).isEqualTo(told.get(0));
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
    }

    @Test
    @DisplayName("I5: what an incarnation says after its end is not taken for its successor's")
    void anEarlierIncarnationSpeaksForItselfAlone() {
        Play play = playOf(restless("a").awaitReady());
        play.tree.startAsync();
        play.settle();
        WorkerContext first = play.actor("a").context();
        first.ready();
        play.actor("a").fail();
        assertThat(play.wentOn).isEqualTo(1);

        first.ready();

        assertThat(play.state("a")).isEqualTo(ChildState.STARTING);
        assertThat(play.actor("a").context().generation()).isEqualTo(2);
    }

    @Test
    @DisplayName("the ladder reaches the incarnation that is there now, on the thread that it has")
    void aStopReachesTheSuccessor() {
        Play play = playOf(restless("a")).start();
        Play.Actor first = play.actor("a");
        play.manner("a", Play.Manner.NEEDS_INTERRUPT);
        first.fail();
        Play.Actor second = play.actor("a");

        CompletionStage<StopReport> stopped = play.tree.stopAsync();
        play.advance(Duration.ofSeconds(5));

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(first.interrupts).isZero();
        assertThat(first.context().stopRequested()).isFalse();
        assertThat(second.interrupts).isEqualTo(1);
    }

    // ---- it does not

    @Test
    void aDelayIsNotSpentOnTheThread() {
        BackoffPolicy firstAtOnce = failures -> failures == 1 ? Duration.ZERO : Duration.ofMillis(50);
        Play play = playOf(child("a").withBackoff(firstAtOnce)).start();
        Play.Actor first = play.actor("a");
        first.fail();
        Play.Actor second = play.actor("a");
        second.fail();
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);

        play.advance(Duration.ofMillis(50));

        assertThat(second.thread).isSameAs(first.thread);
        assertThat(play.actor("a").thread).isNotSameAs(first.thread);
        assertThat(play.wentOn).isEqualTo(1);
    }

    @Test
    void aRestartThatWaitsForItsTurnGetsAThreadOfItsOwn() {
        Play play = playOf(builder -> builder.child(restless("a"))
                        .limits(TreeLimits.of(1, 1, TreeLimits.UNLIMITED, TreeLimits.UNLIMITED)))
                .start();
        play.actor("a").fail();
        Play.Actor second = play.actor("a");
        second.fail();
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);

        play.advance(Duration.ofSeconds(1));

        assertThat(play.actor("a").thread).isNotSameAs(second.thread);
        assertThat(play.wentOn).isEqualTo(1);
    }

    @Test
    @DisplayName("a group waits for its members, so whoever failed first has left by then")
    void aGroupGetsNewThreads() {
        Play play = playOf(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(restless("a"))
                        .child(restless("b")))
                .start();
        Play.Actor first = play.actor("a");

        first.fail();

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2");
        assertThat(play.actor("a").thread).isNotSameAs(first.thread);
        assertThat(play.wentOn).isZero();
    }

    /**
     * What may come between the end of the worker's code and the end of its incarnation: it is done from within a
     * classifier, which is called there.
     */
    enum Meanwhile {
        STOPPED(false) {
            @Override
            void happens(Play play) {
                play.tree.stopChild("a");
            }
        },
        STOPPED_WITH_THE_TREE(false) {
            @Override
            void happens(Play play) {
                play.tree.stopAsync();
            }
        },
        INTERRUPTED(true) {
            @Override
            void happens(Play play) {
                play.tree.stopChild("a");
                play.time.advance(Duration.ofMillis(500));
            }
        },
        ABANDONED(true) {
            @Override
            void happens(Play play) {
                play.tree.stopChild("a");
                play.time.advance(Duration.ofMillis(500));
                play.time.advance(Duration.ofMillis(500));
            }
        },
        DRAINED(false) {
            @Override
            void happens(Play play) {
                play.tree.drain();
            }
        };

        final boolean interrupts;

        Meanwhile(boolean interrupts) {
            this.interrupts = interrupts;
        }

        abstract void happens(Play play);
    }

    @ParameterizedTest
    @EnumSource(Meanwhile.class)
    @DisplayName(
            "I4: asked to stop between its end and its restart, it is not restarted; interrupted or abandoned neither")
    void nothingStartsOverAStop(Meanwhile meanwhile) {
        AtomicReference<Play> stage = new AtomicReference<>();
        Play play = playOf(restless("a")
                .withStop(Duration.ofMillis(500), Duration.ofSeconds(1))
                .withClassifier(thrown -> {
                    meanwhile.happens(stage.get());
                    return Verdict.RESTART;
                }));
        stage.set(play);
        play.start();
        Play.Actor only = play.actor("a");

        only.fail(DOWN);
        play.settle();

        assertThat(only.interrupts > 0).isEqualTo(meanwhile.interrupts);
        assertThat(play.wentOn).isZero();
        assertThat(play.started("a")).isEqualTo(1);
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        assertThat(play.at("a").abandoned()).isEmpty();
        Outcomes.assertOneEach(play);
    }

    @Test
    @DisplayName(
            "rule 2.5.5: a member that fails while its group interrupts it restarts with the group, on another thread")
    void aMemberThatWasInterruptedGetsANewThread() {
        AtomicReference<Play> stage = new AtomicReference<>();
        Play play = playOf(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                .child(restless("a")
                        .withStop(Duration.ZERO, Duration.ofSeconds(1))
                        .withClassifier(thrown -> {
                            stage.get().actor("b").throwsNow(DOWN);
                            return Verdict.RESTART;
                        }))
                .child(restless("b")));
        stage.set(play);
        play.start();
        Play.Actor first = play.actor("a");

        first.fail(DOWN);

        assertThat(first.interrupts).isEqualTo(1);
        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 b=RUNNING#2");
        assertThat(play.actor("a").thread).isNotSameAs(first.thread);
    }

    @Test
    @DisplayName("116: the thread of an abandoned incarnation is not used again, though its child starts when it ends")
    void theThreadOfAnAbandonedIncarnationIsNotUsedAgain() {
        AtomicReference<Play> stage = new AtomicReference<>();
        Play play = playOf(restless("a")
                .withStop(Duration.ofMillis(500), Duration.ofSeconds(1))
                .withClassifier(thrown -> {
                    // A second for the classifier, then the ladder: given up on, interrupted, abandoned.
                    for (int i = 0; i < 5; i++) {
                        stage.get().time.advance(Duration.ofMillis(500));
                    }
                    return Verdict.RESTART;
                }));
        stage.set(play);
        play.start();
        Play.Actor first = play.actor("a");

        first.fail(DOWN);

        assertThat(play.events(TreeEvent.Abandoned.class)).hasSize(1);
        assertThat(play.events(TreeEvent.Reaped.class)).hasSize(1);
        assertThat(play.actor("a").thread).isNotSameAs(first.thread);
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.wentOn).isZero();
    }

    // ---- the owner on a worker's thread

    @Test
    @DisplayName(
            "2.8.5: a thread that ends applies some commands of others at most, however many come; the loop the rest")
    void aWorkersThreadDoesNotWorkForOthersWithoutEnd() {
        int flood = 1_000;
        Deque<Runnable> loop = new ArrayDeque<>();
        Deque<Runnable> outside = new ArrayDeque<>();
        AtomicReference<SupervisionTree> tree = new AtomicReference<>();
        AtomicReference<Integer> left = new AtomicReference<>(0);
        Play play =
                playOf(builder -> builder.child(restless("a")).loop(loop::add).executor(task -> {
                    // Called under ownership: each answer brings the next question.
                    outside.add(task);
                    if (left.get() > 0) {
                        left.set(left.get() - 1);
                        tree.get().ended("nobody");
                    }
                }));
        tree.set(play.tree);
        play.tree.startAsync();
        pump(loop, outside, play);
        outside.clear();
        left.set(flood);

        play.actor("a").throwsNow(DOWN);

        assertThat(play.wentOn).isEqualTo(1);
        assertThat(left.get()).isBetween(flood - Owner.FOR_OTHERS - 2, flood - 1);
        assertThat(loop).as("handed over once").hasSize(1);
        loop.remove().run();
        assertThat(left.get()).isZero();
        assertThat(loop).isEmpty();
    }

    private static void pump(Deque<Runnable> loop, Deque<Runnable> outside, Play play) {
        while (!loop.isEmpty() || !outside.isEmpty()) {
            while (!loop.isEmpty()) {
                loop.remove().run();
            }
            while (!outside.isEmpty()) {
                outside.remove().run();
            }
            play.settle();
        }
    }
}
