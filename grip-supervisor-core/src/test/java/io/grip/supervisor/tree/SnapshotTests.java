package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is seen of a tree from outside: times, listeners that come later, and the queue for restarts. */
class SnapshotTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BackoffPolicy TEN_SECONDS = BackoffPolicy.fixed(SECOND.multipliedBy(10));

    private static void fail(Play play, String path) {
        play.actor(path).throwsNow(new IllegalStateException());
        play.settle();
    }

    @Test
    void aChildTellsHowLongItHasBeenUpOrDownAndWhenItStartsAgain() {
        Play play = Play.of(builder -> builder.child(child("a").withBackoff(TEN_SECONDS)))
                .start();
        play.advance(SECOND.multipliedBy(3));
        assertThat(play.at("a").up()).isEqualTo(SECOND.multipliedBy(3));
        assertThat(play.at("a").down()).isZero();
        assertThat(play.at("a").nextStart()).isEmpty();

        fail(play, "a");
        play.advance(SECOND.multipliedBy(4));

        assertThat(play.at("a").up()).isZero();
        assertThat(play.at("a").down()).isEqualTo(SECOND.multipliedBy(4));
        assertThat(play.at("a").nextStart()).contains(SECOND.multipliedBy(6));

        play.advance(SECOND.multipliedBy(6));
        assertThat(play.at("a").down()).isZero();
        assertThat(play.at("a").nextStart()).isEmpty();
    }

    @Test
    void whatWasNeverUpIsDownSinceItsFirstStart() {
        Play play = Play.of(builder -> builder.child(
                child("a").awaitReady().withFirstStart(FirstStart.RETRY).withBackoff(TEN_SECONDS)));
        play.advance(SECOND);
        assertThat(play.at("a").down()).isZero();
        play.tree.startAsync();
        play.settle();
        play.advance(SECOND);
        fail(play, "a");
        play.advance(SECOND);

        assertThat(play.at("a").down()).isEqualTo(SECOND.multipliedBy(2));
    }

    @Test
    @DisplayName(
            "73: a child that has said it is ready, and been so for the healthy stretch, counts no failures any more")
    void aHealthyChildCountsNoFailures() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady()));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", null);
        fail(play, "a");
        play.advance(SECOND.multipliedBy(20));
        assertThat(play.state("a")).isEqualTo(ChildState.STARTING);
        play.actor("a").context().ready();
        play.advance(SECOND.multipliedBy(30).minusMillis(10));
        assertThat(play.at("a").failures()).isEqualTo(1);

        play.advance(Duration.ofMillis(10));

        assertThat(play.at("a").failures()).isZero();
        fail(play, "a");
        assertThat(play.at("a").failures()).isEqualTo(1);
    }

    @Test
    void aFailedChildTellsWhenItIsRevived() {
        Play play = Play.of(builder ->
                        builder.child(child("a").withConsecutiveFailures(0).withReviveAfter(SECOND.multipliedBy(60))))
                .start();

        fail(play, "a");
        play.advance(SECOND);

        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
        assertThat(play.at("a").nextStart()).contains(SECOND.multipliedBy(59));
    }

    /** Looked at each time a timer is set, which is where a state without its timer would be seen. */
    @Test
    void aChildThatWaitsIsNeverSeenWithoutWhenItStartsAgain() {
        List<ChildSnapshot> seen = new ArrayList<>();
        Play play = Play.of(builder -> {});
        TimeSource watched = new ForwardingTime(play.time) {
            @Override
            public Timer schedule(long at, Runnable action) {
                seen.add(play.tree.snapshot("a"));
                return super.schedule(at, action);
            }
        };
        SupervisionTree tree = play.build(
                "watched",
                builder -> builder.loop(Runnable::run)
                        .time(watched)
                        .child(child("a")
                                .withSettle(SECOND)
                                .withConsecutiveFailures(1)
                                .withBackoff(TEN_SECONDS)
                                .withReviveAfter(SECOND.multipliedBy(60))));
        play.tree = tree;
        tree.startAsync();
        play.advance(SECOND);

        fail(play, "a");
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        play.advance(SECOND.multipliedBy(10));
        fail(play, "a");
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
        play.fate("a", actor -> actor.throwsNow(new IllegalStateException()));
        assertThatThrownBy(() -> play.await(tree.restartChild("a"))).isInstanceOf(TreeStartException.class);
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
        assertThat(seen)
                .isNotEmpty()
                .filteredOn(at -> at.state() == ChildState.BACKING_OFF || at.state() == ChildState.FAILED)
                .allSatisfy(at -> assertThat(at.nextStart()).isPresent());
    }

    @Test
    void aFailedChildThatIsStartedByHandAndFailsAgainTellsWhenItIsRevived() {
        Play play = Play.of(builder -> builder.child(
                child("a").withSettle(SECOND).withConsecutiveFailures(0).withReviveAfter(SECOND.multipliedBy(60))));
        play.tree.startAsync();
        play.advance(SECOND);
        fail(play, "a");

        play.fate("a", actor -> actor.throwsNow(new IllegalStateException()));
        assertThatThrownBy(() -> play.await(play.tree.restartChild("a"))).isInstanceOf(TreeStartException.class);

        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
        assertThat(play.at("a").nextStart()).contains(SECOND.multipliedBy(60));
    }

    @Test
    void allOfAGroupTellWhenTheGroupStartsAgain() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a").withBackoff(TEN_SECONDS))
                        .child(child("b").withBackoff(TEN_SECONDS)))
                .start();

        fail(play, "a");
        play.advance(SECOND);

        assertThat(play.tree.snapshot().children())
                .extracting(ChildSnapshot::state)
                .containsOnly(ChildState.RESTARTING);
        assertThat(play.tree.snapshot().children())
                .allSatisfy(each -> assertThat(each.nextStart()).contains(SECOND.multipliedBy(9)));
        assertThat(play.tree.snapshot().nextStart()).isEmpty();
    }

    @Test
    void aListenerThatComesLaterHearsEverythingEvenWhereNestedSupervisorsHaveTheirOwn() {
        List<TreeEvent> own = new ArrayList<>();
        List<TreeEvent> heard = new ArrayList<>();
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("inner", RestartStrategy.ONE_FOR_ONE)
                .withChild(child("a"))
                .withListener(own::add)));
        play.tree.listen(event -> {
            throw new IllegalStateException("a listener that fails");
        });
        play.tree.listen(heard::add);

        play.start();
        play.settle();

        assertThat(own).isNotEmpty();
        assertThat(heard).containsAll(own).contains(new TreeEvent.Ready("inner/a", 1));
    }

    @Test
    void theLimitsTellHowManyRestartsWait() {
        TreeLimits limits = TreeLimits.of(1, 1, 1, 8);
        Play play = Play.of(builder -> {
                    builder.limits(limits);
                    List.of("a", "b", "c")
                            .forEach(name -> builder.child(child(name).withBackoff(BackoffPolicy.none())));
                })
                .start();
        assertThat(limits.waiting()).isZero();

        List.of("a", "b", "c").forEach(name -> fail(play, name));
        assertThat(limits.waiting()).isEqualTo(2);

        play.await(play.tree.stopChild("b"));
        assertThat(limits.waiting()).isEqualTo(1);
        play.advance(SECOND.multipliedBy(5));
        assertThat(limits.waiting()).isZero();
        assertThat(limits.underWay()).isZero();
    }
}
