package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.grip.supervisor.policy.BackoffPolicy;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LimitsTests {

    private static final int MANY = TreeLimits.UNLIMITED;

    private static Play failing(TreeLimits limits, int children) {
        Play play = Play.of(builder -> {
            builder.limits(limits);
            IntStream.range(0, children)
                    .forEach(i -> builder.child(child("c" + i).withBackoff(BackoffPolicy.none())));
        });
        return play.start();
    }

    private static void failAll(Play play) {
        play.tree.snapshot().children().forEach(each -> play.actor(each.path()).throwsNow(new IllegalStateException()));
        play.settle();
    }

    @Test
    @DisplayName("rule 2.8.1: the first start is not held up; then a burst, then so many a second")
    void restartsComeInABurstAndThenEvenly() {
        Play play = failing(TreeLimits.of(10, 5, MANY, 8), 20);
        assertThat(play.tree.snapshot().active()).isEqualTo(20);

        failAll(play);
        assertThat(play.tree.snapshot().active()).isEqualTo(5);
        assertThat(play.state("c19")).isEqualTo(ChildState.BACKING_OFF);
        play.advance(Duration.ofSeconds(1));
        assertThat(play.tree.snapshot().active()).isEqualTo(15);
        play.advance(Duration.ofSeconds(1));
        assertThat(play.tree.snapshot().active()).isEqualTo(20);
    }

    @Test
    @DisplayName("rule 2.8.1: no more than so many start again at once")
    void soManyStartAgainAtOnce() {
        Play play = failing(TreeLimits.of(MANY, 1, 2, 8), 5);
        play.hold("c0");
        play.hold("c1");

        failAll(play);
        assertThat(play.tree.snapshot().active()).isEqualTo(2);
        play.actor("c0").enter();

        assertThat(play.tree.snapshot().active()).isEqualTo(5);
        assertThat(play.state("c1")).isEqualTo(ChildState.STARTING);
    }

    @Test
    @DisplayName(
            "99: a stop while a child waits for its turn ends it without an attempt, and its turn goes to the next")
    void aStopEndsTheWaitForATurn() {
        Play play = failing(TreeLimits.of(1, 1, MANY, 8), 3);
        failAll(play);
        assertThat(play.started("c1") + play.started("c2")).isEqualTo(2);

        play.await(play.tree.stopChild("c1"));
        play.advance(Duration.ofSeconds(5));

        assertThat(play.started("c1")).isEqualTo(1);
        assertThat(play.state("c1")).isEqualTo(ChildState.STOPPED);
        assertThat(play.state("c2")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName(
            "rule 2.8.1: once nobody waits for a turn any more nothing is armed for it, and a later one has its own")
    void whenNobodyWaitsNothingIsArmed() {
        TreeLimits limits = TreeLimits.of(1, 1, MANY, 8);
        Play play = failing(limits, 3);
        failAll(play);
        assertThat(play.time.pendingTimers()).isEqualTo(1);

        play.await(play.tree.stopChild("c1")).await(play.tree.stopChild("c2"));

        assertThat(limits.waiting()).isZero();
        assertThat(play.time.pendingTimers()).isZero();
        play.actor("c0").fail();
        assertThat(limits.waiting()).isEqualTo(1);
        play.advance(Duration.ofSeconds(1));
        assertThat(play.started("c0")).isEqualTo(3);
    }

    @Test
    @DisplayName("2.9: by default 100 restarts come at once, then 50 a second, 16 at a time, and 8 abandoned are borne")
    void theDefaultLimitsAreTheDocumentedOnes() {
        Play burst = failing(TreeLimits.defaults(), 300);
        failAll(burst);
        assertThat(burst.tree.snapshot().active()).isEqualTo(100);
        burst.advance(Duration.ofSeconds(1));
        assertThat(burst.tree.snapshot().active()).isEqualTo(150);

        Play held = failing(TreeLimits.defaults(), 30);
        IntStream.range(0, 30).forEach(i -> held.hold("c" + i));
        failAll(held);
        assertThat(held.tree.snapshot().active()).isEqualTo(16);

        TreeLimits limits = TreeLimits.defaults();
        for (int i = 0; i < 8; i++) {
            assertThat(limits.countAbandoned()).isFalse();
        }
        assertThat(limits.countAbandoned()).isTrue();
    }

    @Test
    @DisplayName("rule 2.8.1: trees take turns")
    void treesTakeTurns() {
        TreeLimits limits = TreeLimits.of(1, 1, MANY, 8);
        Play play = failing(limits, 4);
        SupervisionTree other = play.build(
                "other", builder -> builder.limits(limits).child(child("only").withBackoff(BackoffPolicy.none())));
        play.await(other.startAsync());
        Play.Actor only = play.actor("only");

        failAll(play);
        only.fail();
        play.advance(Duration.ofSeconds(2));

        assertThat(play.started("only")).isEqualTo(2);
        assertThat(play.tree.snapshot().active()).isEqualTo(2);
    }

    @Test
    void aManualRestartTakesNoTurn() {
        Play play = failing(TreeLimits.of(1, 1, MANY, 8), 2);
        failAll(play);
        assertThat(play.state("c1")).isEqualTo(ChildState.BACKING_OFF);

        play.await(play.tree.restartChild("c1"));

        assertThat(play.state("c1")).isEqualTo(ChildState.RUNNING);
        play.advance(Duration.ofSeconds(10));
        assertThat(play.started("c1")).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "section 5: 1 000 children, their dependency gone for a minute: the bucket caps attempts and their peak")
    void theBucketCapsAStorm() {
        Play play = Play.of(builder -> {
                    builder.limits(TreeLimits.defaults());
                    IntStream.range(0, 1_000)
                            .forEach(i -> builder.child(child("c" + i).withJitter(0.5)));
                })
                .start();
        IntStream.range(0, 1_000).forEach(i -> play.fate("c" + i, actor -> actor.throwsNow(null)));

        failAll(play);
        int peak = 0;
        for (int tick = 0; tick < 600; tick++) {
            int before = play.cast.size();
            play.advance(Duration.ofMillis(100));
            peak = tick < 20 ? 0 : Math.max(peak, play.cast.size() - before);
        }

        assertThat(play.cast.size() - 1_000).isLessThanOrEqualTo(100 + 60 * 50);
        assertThat(peak).isLessThanOrEqualTo(6);
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TreeLimits.of(0, 1, 1, 1))
                .withMessageContaining("restarts-per-second must be at least 1, but is 0");
        assertThatIllegalArgumentException().isThrownBy(() -> TreeLimits.of(1, 0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> TreeLimits.of(1, 1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> TreeLimits.of(1, 1, 1, -1));
    }
}
