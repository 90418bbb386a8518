package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A large tree in which failures rise to levels that chance decides. */
class StormTests {

    private static final int BREADTH = 6;
    private static final int WORKERS = 13;
    private static final int SIZE = 1 + BREADTH + BREADTH * BREADTH + BREADTH * BREADTH * WORKERS;

    private final Random random;

    StormTests() {
        this.random = new Random(0);
    }

    /** A supervisor that bears one escalation from below; the second in a row is its own. */
    private SupervisorSpec supervisor(String name) {
        return SupervisorSpec.of(name, RestartStrategy.values()[random.nextInt(3)])
                .withRestart(RestartRules.defaults()
                        .withConsecutiveFailures(1)
                        .withOnGiveUp(OnGiveUp.ESCALATE)
                        .withJitter(0));
    }

    private Play plant() {
        return Play.of(builder -> {
            for (int i = 0; i < BREADTH; i++) {
                SupervisorSpec outer = supervisor("s" + i);
                outer = outer.withRestart(outer.restart().withConsecutiveFailures(RestartRules.UNLIMITED));
                for (int j = 0; j < BREADTH; j++) {
                    SupervisorSpec inner = supervisor("t" + j);
                    for (int k = 0; k < WORKERS; k++) {
                        inner = inner.withChild(child("w" + k).withConsecutiveFailures(RestartRules.UNLIMITED));
                    }
                    outer = outer.withChild(inner);
                }
                builder.supervisor(outer);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = 1)
    @DisplayName(
            "110: a tree of 500, six wide, 90 s of failures at random levels: its children are all there after each restart, "
                    + "never two of one, and in the end every actor is accounted for")
    void aLargeTreeIsWholeAfterEachRestart(long seed) {
        random.setSeed(seed);
        Play play = plant().start();
        assertThat(play.alive()).hasSize(BREADTH * BREADTH * WORKERS);

        for (int second = 0; second < 90; second++) {
            for (int i = 0; i < 4; i++) {
                List<Play.Actor> alive = List.copyOf(play.alive());
                Play.Actor actor = alive.get(random.nextInt(alive.size()));
                actor.fail(random.nextInt(3) == 0 ? new NoClassDefFoundError("random") : new IOException("random"));
            }
            play.advance(Duration.ofSeconds(1));
            assertWhole(play);
        }
        play.advance(Duration.ofMinutes(1));

        assertThat(play.tree.snapshot().all()).hasSize(SIZE).allMatch(each -> each.state() == ChildState.RUNNING);
        assertThat(play.alive()).hasSize(BREADTH * BREADTH * WORKERS);
        assertThat(play.events(TreeEvent.SupervisorEscalated.class))
                .extracting(event -> event.path().split("/").length)
                .contains(1, 2);
        assertThat(play.stop().isClean()).isTrue();
        assertThat(play.alive()).isEmpty();
        assertThat(play.time.pendingTimers()).isZero();
        Outcomes.assertOneEach(play);
    }

    private static void assertWhole(Play play) {
        ChildSnapshot whole = play.tree.snapshot();
        assertThat(whole.all()).hasSize(SIZE);
        long running = whole.all()
                .filter(each -> each.strategy().isEmpty() && each.state().isActive())
                .count();
        Set<String> alive = new HashSet<>();
        play.alive()
                .forEach(actor -> assertThat(alive.add(actor.path()))
                        .as("a second " + actor)
                        .isTrue());
        assertThat(alive).hasSize((int) running);
    }
}
