package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpecTests {

    private static final ChildSpec CHILD = ChildSpec.of("a", context -> {});

    @Test
    @DisplayName("2.9, 9, 71: the defaults are the documented ones")
    void hasTheDocumentedDefaults() {
        RestartRules restart = CHILD.restart();

        assertThat(restart.policy()).isEqualTo(RestartPolicy.ALWAYS);
        assertThat(restart.consecutiveFailures()).isEqualTo(10);
        assertThat(restart.backoff().delay(1)).isEqualTo(Duration.ofMillis(200));
        assertThat(restart.backoff().delay(100)).isEqualTo(Duration.ofSeconds(30));
        assertThat(restart.jitter()).isEqualTo(0.5);
        assertThat(restart.healthyAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(restart.reviveAfter()).contains(Duration.ofMinutes(5));
        assertThat(restart.onGiveUpUnder(RestartStrategy.ONE_FOR_ONE)).isEqualTo(OnGiveUp.ISOLATE);
        assertThat(restart.onGiveUpUnder(RestartStrategy.ONE_FOR_ALL)).isEqualTo(OnGiveUp.ESCALATE);
        assertThat(restart.onGiveUpUnder(RestartStrategy.REST_FOR_ONE)).isEqualTo(OnGiveUp.ESCALATE);
        assertThat(CHILD.start())
                .isEqualTo(new StartRules(Duration.ofSeconds(30), FirstStart.FAIL_FAST, false, Duration.ofSeconds(1)));
        assertThat(CHILD.stop().grace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(CHILD.stop().abandonAfter()).isEqualTo(Duration.ofSeconds(10));
        assertThat(CHILD.heartbeat()).isEmpty();
        SupervisorSpec supervisor = SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE);
        assertThat(supervisor.intensity()).isEmpty();
        assertThat(supervisor.maxChildren()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    @DisplayName("71: the healthy stretch follows the largest delay, and is never below 30 s")
    void theHealthyStretchFollowsTheBackoff() {
        Duration hour = Duration.ofHours(1);

        assertThat(CHILD.withBackoff(BackoffPolicy.exponential(Duration.ofSeconds(1), 2, hour))
                        .restart()
                        .healthyAfter())
                .isEqualTo(hour);
        assertThat(CHILD.withBackoff(BackoffPolicy.none()).restart().healthyAfter())
                .isEqualTo(Duration.ofSeconds(30));
    }

    static Stream<Arguments> wrong() {
        SupervisorSpec supervisor = SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE);
        return Stream.of(
                refused("child name", () -> ChildSpec.of(" ", context -> {})),
                refused("'a/b'", () -> ChildSpec.of("a/b", context -> {})),
                refused("child name must be given", () -> ChildSpec.of(null, context -> {})),
                refused("worker must be given", () -> ChildSpec.of("a", null)),
                refused("restart policy must be given", () -> CHILD.withRestart((RestartPolicy) null)),
                refused("backoff must be given", () -> CHILD.withBackoff(null)),
                refused("jitter must be between 0.0 and 1.0, but is 1.5", () -> CHILD.withJitter(1.5)),
                refused("jitter", () -> CHILD.withJitter(Double.NaN)),
                refused("consecutive-failures must be at least 0, but is -1", () -> CHILD.withConsecutiveFailures(-1)),
                refused("reset-after must be more than zero", () -> CHILD.withResetAfter(Duration.ZERO)),
                refused("revive-after must be more than zero", () -> CHILD.withReviveAfter(Duration.ofSeconds(-1))),
                refused("start-timeout must be more than zero", () -> CHILD.withStartTimeout(Duration.ZERO)),
                refused("settle must be zero or more", () -> CHILD.withSettle(Duration.ofSeconds(-1))),
                refused("first-start must be given", () -> CHILD.withFirstStart(null)),
                refused(
                        "grace must be zero or more",
                        () -> CHILD.withStop(Duration.ofSeconds(-1), Duration.ofSeconds(1))),
                refused(
                        "abandon-after must not be below grace, but is PT1S and grace is PT2S",
                        () -> CHILD.withStop(Duration.ofSeconds(2), Duration.ofSeconds(1))),
                refused("heartbeat must be more than zero", () -> CHILD.withHeartbeat(Duration.ZERO)),
                refused("classifier must be given", () -> CHILD.withClassifier(null)),
                refused("supervisor name", () -> SupervisorSpec.of("", RestartStrategy.ONE_FOR_ONE)),
                refused("strategy must be given", () -> SupervisorSpec.of("s", null)),
                refused(
                        "two children named 'a'",
                        () -> supervisor.withChild(CHILD).withChild(CHILD)),
                refused("takes a template", () -> SupervisorSpec.of("s", RestartStrategy.TEMPLATE)),
                refused("no children", () -> SupervisorSpec.template("s", CHILD).withChild(CHILD)),
                refused(
                        "max-children must be at least 1",
                        () -> SupervisorSpec.template("s", CHILD).withMaxChildren(0)),
                refused("max-restarts", () -> RestartIntensity.of(-1, Duration.ofSeconds(1))),
                refused("period", () -> RestartIntensity.of(1, Duration.ZERO)),
                refused(
                        "max-restarts must be at most 100000",
                        () -> supervisor.withIntensity(RestartIntensity.of(Integer.MAX_VALUE, Duration.ofSeconds(1)))),
                refused(
                        "period must be at most",
                        () -> supervisor.withIntensity(RestartIntensity.of(1, Duration.ofSeconds(Long.MAX_VALUE)))),
                refused("tree name", () -> SupervisionTree.builder("a/b")),
                refused("event-capacity", () -> SupervisionTree.builder("a").eventCapacity(0)),
                refused(
                        "two children named 'a'",
                        () -> SupervisionTree.builder("t")
                                .child(CHILD)
                                .child(CHILD)
                                .build()),
                refused(
                        "the backoff's delay(1) must be zero or more",
                        () -> SupervisionTree.builder("t")
                                .child(CHILD.withBackoff(retry -> Duration.ofSeconds(-1))
                                        .withResetAfter(Duration.ofHours(1)))
                                .build()));
    }

    private static Arguments refused(String message, Supplier<?> construction) {
        return Arguments.of(message, construction);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    @DisplayName("10, 11: each missing or wrong value is refused, by its name")
    void refusesEachWrongValueByItsName(String message, Supplier<?> construction) {
        assertThatIllegalArgumentException().isThrownBy(construction::get).withMessageContaining(message);
    }

    @Test
    @DisplayName("60, trap 6: a window that the delays cannot fill is refused, naming both")
    void refusesAWindowThatCanNeverBeExceeded() {
        SupervisionTree.Builder builder = SupervisionTree.builder("t")
                .child(CHILD.withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(10)))
                        .withJitter(0))
                .intensity(RestartIntensity.of(1, Duration.ofSeconds(5)));

        assertThatIllegalArgumentException()
                .isThrownBy(builder::build)
                .withMessageContainingAll("max-restarts 1", "PT5S", "can never be exceeded");
    }

    @Test
    @DisplayName("rule 2.3.4: a window that the children can fill together is accepted")
    void acceptsAWindowThatTheChildrenCanFillTogether() {
        ChildSpec slow =
                CHILD.withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(10))).withJitter(0);
        RestartIntensity twice = RestartIntensity.of(1, Duration.ofSeconds(5));

        SupervisionTree.builder("t")
                .child(slow)
                .child(slow.withName("b"))
                .intensity(twice)
                .build();
        SupervisionTree.builder("t")
                .child(slow.withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(4))))
                .intensity(twice)
                .build();
        SupervisionTree.builder("t")
                .child(CHILD)
                .intensity(RestartIntensity.of(3, Duration.ofSeconds(5)))
                .build();
    }

    @Test
    @DisplayName("rule 2.3.4: a window that a group cannot fill, since it fails once a round, is refused")
    void refusesAWindowThatAGroupCannotFillSinceItFailsOnceARound() {
        ChildSpec slow =
                CHILD.withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(10))).withJitter(0);
        SupervisionTree.Builder builder = SupervisionTree.builder("t")
                .strategy(RestartStrategy.ONE_FOR_ALL)
                .child(slow)
                .child(slow.withName("b"))
                .intensity(RestartIntensity.of(1, Duration.ofSeconds(5)));

        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("can never be exceeded");
    }

    @Test
    @DisplayName("rule 2.3.4: a nested window is checked too")
    void aNestedWindowIsCheckedToo() {
        SupervisorSpec nested = SupervisorSpec.of("inner", RestartStrategy.ONE_FOR_ONE)
                .withIntensity(RestartIntensity.of(5, Duration.ofMillis(1)))
                .withChild(CHILD);

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SupervisionTree.builder("t").supervisor(nested).build())
                .withMessageContaining("'inner'");
    }

    @Test
    @DisplayName("rule 2.3.4: that a child fewer makes the window unreachable is told")
    void saysWhenRemovingAChildMakesTheWindowUnreachable() {
        ChildSpec slow = child("a").withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(10)));
        Play play = Play.of(builder -> builder.child(slow)
                        .child(slow.withName("b"))
                        .intensity(RestartIntensity.of(1, Duration.ofSeconds(5))))
                .start();

        play.await(play.tree.stopChild("b")).await(play.tree.removeChild("b"));

        assertThat(play.events(TreeEvent.ConfigUnreachable.class)).hasSize(1);
    }

    @Test
    @DisplayName("rule 2.3.5: a reset below the largest delay is warned of")
    void warnsOfAResetBelowTheLargestDelay() {
        Play play = Play.of(builder -> builder.child(child("a").withResetAfter(Duration.ofSeconds(1))))
                .start();

        assertThat(play.events(TreeEvent.ConfigUnreachable.class))
                .extracting(TreeEvent.ConfigUnreachable::complaint)
                .singleElement()
                .asString()
                .contains("'root/a'", "PT1S", "PT30S");
    }

    @Test
    @DisplayName("trap 3: the worst number of starts is the product of one more than each budget")
    void reckonsTheWorstNumberOfStarts() {
        RestartRules ten = RestartRules.defaults().withConsecutiveFailures(10).withOnGiveUp(OnGiveUp.ESCALATE);
        SupervisionTree tree = SupervisionTree.builder("t")
                .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(ten)
                        .withChild(CHILD.withRestart(ten)))
                .build();

        assertThat(tree.worstCaseStarts()).isEqualTo(121);
        assertThat(SupervisionTree.builder("t").child(CHILD).build().worstCaseStarts())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @DisplayName("121: the longest a stop may take is known beforehand: added up, or at once under a template")
    void reckonsTheLongestStop() {
        ChildSpec slow = CHILD.withStop(Duration.ofSeconds(5), Duration.ofSeconds(10));
        SupervisionTree tree = SupervisionTree.builder("t")
                .child(slow)
                .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ALL)
                        .withChildren(List.of(slow, slow.withName("b"))))
                .supervisor(SupervisorSpec.template("many", slow))
                .build();

        assertThat(tree.worstCaseStop()).isEqualTo(Duration.ofSeconds(40));
    }
}
