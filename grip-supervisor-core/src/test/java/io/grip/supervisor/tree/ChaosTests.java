package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random trees that never get quiet: crashes, hangs, stops and restarts land in the middle of each other, workers ignore
 * their stop for a while, the tree is stopped at a random moment. No model can say what comes of it; the invariants hold
 * at every step, and at the end everything is accounted for.
 *
 * <p>Seeds as in {@link ModelTests}.
 */
class ChaosTests {

    private static final int STEPS = 60;
    private static final Play.Manner[] MANNERS = Play.Manner.values();

    @ParameterizedTest(name = "on threads that go on where they may: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "110, I1 to I5: whatever lands in the middle of what, no incarnations overlap and every stop comes to its end")
    void holdsItsInvariantsInTheMiddleOfEverything(boolean inPlace) {
        Long only = Long.getLong("grip.tree.seed");
        int rounds = only != null ? 1 : Integer.getInteger("grip.tree.rounds", 400);
        long base = only != null ? only : Integer.getInteger("grip.tree.base", 40_260_101);
        int wentOn = 0;
        for (int round = 0; round < rounds; round++) {
            long seed = base + round;
            try {
                Round played = new Round(seed, inPlace);
                played.play();
                wentOn += played.play.wentOn;
            } catch (Throwable failure) {
                throw new AssertionError(
                        "with seed " + seed + " (replay it with -Dgrip.tree.seed=" + seed + "): " + failure, failure);
            }
        }
        if (only == null) {
            assertThat(wentOn > 0).as("threads went on").isEqualTo(inPlace);
        }
    }

    private static final class Round {
        private final Random random;
        private final List<String> paths = new ArrayList<>();
        private final Map<String, CompletableFuture<?>> asked = new LinkedHashMap<>();
        private final List<String> story = new ArrayList<>();
        private final Play play;

        Round(long seed, boolean inPlace) {
            random = new Random(seed);
            play = Play.of(builder -> {
                builder.strategy(RestartStrategy.values()[random.nextInt(3)]);
                builder.limits(TreeLimits.of(20, 3, 2, TreeLimits.UNLIMITED));
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    Spec spec = spec("", "n" + i, 0);
                    if (spec instanceof SupervisorSpec supervisor) {
                        builder.supervisor(supervisor);
                    } else {
                        builder.child((ChildSpec) spec);
                    }
                }
            });
            play.inPlace = inPlace;
        }

        void play() {
            try {
                asked.put("start", play.tree.startAsync().toCompletableFuture());
                for (int step = 0; step < STEPS; step++) {
                    story.add(step());
                    check();
                }
                int begun = play.cast.size();
                CompletableFuture<?> stopped = stop();
                for (int second = 0; second < 60 && !stopped.isDone(); second++) {
                    play.advance(Duration.ofSeconds(second < 3 ? 1 : 10));
                    check();
                }
                assertThat(stopped).as("the stop").isDone();
                assertThat(play.cast).as("started after the stop had begun").hasSize(begun);
                paths.forEach(path -> play.manner(path, Play.Manner.POLITE));
                List.copyOf(play.alive()).forEach(actor -> actor.throwsNow(null));
                play.settle();
                assertAllAccountedFor();
            } catch (Throwable failure) {
                throw new AssertionError("after " + story + "\n" + play.states() + "\n" + failure, failure);
            }
        }

        private CompletableFuture<?> stop() {
            return random.nextBoolean()
                    ? play.tree.stopAsync().toCompletableFuture()
                    : play.tree
                            .stopAsync(Duration.ofMillis(1 + random.nextInt(5_000)))
                            .toCompletableFuture();
        }

        private String step() {
            String path = paths.get(random.nextInt(paths.size()));
            List<Play.Actor> alive = List.copyOf(play.alive());
            switch (random.nextInt(11)) {
                case 0, 1, 2 -> {
                    if (!alive.isEmpty()) {
                        Play.Actor actor = alive.get(random.nextInt(alive.size()));
                        actor.throwsNow(random.nextInt(4) == 0 ? null : new IOException("random"));
                        return "end " + actor;
                    }
                }
                case 3 -> {
                    return ask("stop " + path, play.tree.stopChild(path));
                }
                case 4 -> {
                    return ask("restart " + path, play.tree.restartChild(path));
                }
                case 5 -> {
                    return ask("remove " + path, play.tree.removeChild(path));
                }
                case 6 -> {
                    Play.Manner manner = MANNERS[random.nextInt(MANNERS.length)];
                    play.manner(path, manner);
                    return manner + " " + path;
                }
                case 7 -> {
                    if (!alive.isEmpty()) {
                        Play.Actor actor = alive.get(random.nextInt(alive.size()));
                        actor.context().heartbeat();
                        actor.context().ready();
                    }
                }
                default -> {
                    Duration span = Duration.ofMillis(1L << random.nextInt(13));
                    play.time.advance(span);
                    if (random.nextBoolean()) {
                        play.settle();
                    }
                    return "pass " + span;
                }
            }
            return "nothing";
        }

        private String ask(String what, CompletionStage<Void> stage) {
            String numbered = asked.size() + ". " + what;
            asked.put(numbered, stage.toCompletableFuture());
            return numbered;
        }

        /** No two incarnations of a child are alive unless the older ones are abandoned; and then it is not started. */
        private void check() {
            Set<String> live = new HashSet<>();
            for (Play.Actor actor : play.alive()) {
                if (actor.incarnation.phase != Incarnation.Phase.ABANDONED) {
                    assertThat(live.add(actor.path()))
                            .as("two incarnations of " + actor.path())
                            .isTrue();
                }
            }
            for (Play.Actor actor : play.alive()) {
                if (actor.incarnation.phase == Incarnation.Phase.ABANDONED) {
                    assertThat(live).as("started over an abandoned one").doesNotContain(actor.path());
                }
            }
        }

        private void assertAllAccountedFor() {
            assertThat(play.alive()).isEmpty();
            assertThat(asked.keySet().stream().filter(each -> !asked.get(each).isDone()))
                    .as("what was asked of the tree and never answered")
                    .isEmpty();
            assertThat(play.time.pendingTimers()).as("timers left").isZero();
            assertThat(play.tree.snapshot().all().toList())
                    .allMatch(each -> each.abandoned().isEmpty())
                    .allMatch(each -> switch (each.state()) {
                        case REGISTERED, STOPPED, FAILED -> true;
                        default -> false;
                    });
            Outcomes.assertOneEach(play);
        }

        private Spec spec(String above, String name, int depth) {
            String path = above.isEmpty() ? name : above + "/" + name;
            if (depth < 3 && random.nextInt(3) == 0) {
                SupervisorSpec supervisor = SupervisorSpec.of(name, RestartStrategy.values()[random.nextInt(3)])
                        .withRestart(rules());
                for (int i = 0; i < 1 + random.nextInt(3); i++) {
                    supervisor = supervisor.withChild(spec(path, "n" + i, depth + 1));
                }
                paths.add(path);
                return supervisor;
            }
            paths.add(path);
            ChildSpec worker = child(name).withRestart(rules()).withStop(Duration.ofSeconds(1), Duration.ofSeconds(2));
            worker = random.nextInt(3) == 0 ? worker.withHeartbeat(Duration.ofSeconds(1)) : worker;
            worker = random.nextInt(3) == 0 ? worker.awaitReady().withStartTimeout(Duration.ofSeconds(1)) : worker;
            return worker.withFirstStart(FirstStart.values()[random.nextInt(10) == 0 ? 0 : 1]);
        }

        private RestartRules rules() {
            RestartRules rules = RestartRules.defaults()
                    .withPolicy(RestartPolicy.values()[random.nextInt(3)])
                    .withConsecutiveFailures(random.nextInt(6))
                    .withBackoff(random.nextBoolean() ? BackoffPolicy.none() : RestartRules.DEFAULT_BACKOFF)
                    .withReviveAfter(Duration.ofSeconds(2));
            return random.nextBoolean() ? rules : rules.withOnGiveUp(OnGiveUp.values()[random.nextInt(3)]);
        }
    }
}
