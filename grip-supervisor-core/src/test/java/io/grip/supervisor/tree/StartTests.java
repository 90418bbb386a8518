package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.tree.ChildOperationException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StartTests {

    private static final IOException NO_PORT = new IOException("port in use");

    static void assertRefused(CompletableFuture<?> stage, Play play, Reason reason) {
        play.settle();
        assertThat(stage).isCompletedExceptionally();
        assertThatThrownBy(() -> play.result(stage))
                .isInstanceOfSatisfying(
                        ChildOperationException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    @DisplayName("1: a supervisor without children starts and stops")
    void startsAndStopsWithoutChildren() {
        Play play = Play.of(builder -> {}).start();

        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        var ended = play.tree.ended("");
        StopReport report = play.stop();
        assertThat(report.state()).isEqualTo(ChildState.STOPPED);
        assertThat(report.isClean()).isTrue();
        assertThat(play.result(ended)).satisfies(end -> {
            assertThat(end.state()).isEqualTo(ChildState.STOPPED);
            assertThat(end.failure()).isEmpty();
        });
    }

    @Test
    @DisplayName("2.1, 2.9: children start one after another, each when the one before has said it is ready")
    void startsInOrderEachWhenTheOneBeforeIsUp() {
        Play play =
                Play.of(builder -> builder.child(child("first").awaitReady()).child(child("second")));

        var started = play.tree.startAsync();
        play.settle();
        assertThat(play.state("first")).isEqualTo(ChildState.STARTING);
        assertThat(play.state("second")).isEqualTo(ChildState.REGISTERED);

        play.actor("first").context().ready();
        play.await(started);
        assertThat(play.states()).isEqualTo("=RUNNING#1 first=RUNNING#1 second=RUNNING#1");
    }

    @Test
    @DisplayName("6: a deep child throws at boot: one error, naming it, with the original throwable")
    void namesTheDeepChildThatDidNotStart() {
        Play play = Play.of(builder -> builder.child(child("poller"))
                .supervisor(SupervisorSpec.of("ingest", RestartStrategy.ONE_FOR_ONE)
                        .withChild(SupervisorSpec.of("inner", RestartStrategy.ONE_FOR_ALL)
                                .withChild(child("reader").awaitReady()))));
        play.fate("ingest/inner/reader", actor -> actor.throwsNow(NO_PORT));

        assertThatThrownBy(() -> play.start())
                .isInstanceOf(TreeStartException.class)
                .hasMessageContaining("'ingest/inner/reader'")
                .hasCause(NO_PORT);
        assertThat(play.state("poller")).isEqualTo(ChildState.STOPPED);
        assertThat(play.alive()).isEmpty();
    }

    @Test
    @DisplayName("rule 1.5: what was started is stopped in reverse when a child fails fast, and may be started again")
    void stopsInReverseWhatWasStartedWhenAChildFailsFast() {
        Play play = Play.of(builder ->
                builder.child(child("a")).child(child("b")).child(child("c").awaitReady()));
        play.fate("c", actor -> actor.throwsNow(NO_PORT));

        assertThatThrownBy(() -> play.start()).isInstanceOf(TreeStartException.class);

        assertThat(play.events(TreeEvent.Stopped.class))
                .extracting(TreeEvent.Stopped::path)
                .containsExactly("b", "a");
        play.fate("c", actor -> actor.context().ready());
        play.start();
        assertThat(play.state("c")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("2.1: without awaitReady a throw within a second of the first start fails the start")
    void aThrowWithinASecondOfTheFirstStartFailsTheStart() {
        Play play = Play.of(builder -> builder.child(child("a").withSettle(Duration.ofSeconds(1))));
        CompletableFuture<Void> started = play.tree.startAsync().toCompletableFuture();
        play.advance(Duration.ofMillis(900));
        assertThat(started).isNotDone();

        play.actor("a").fail(NO_PORT);

        assertThatThrownBy(() -> play.result(started))
                .isInstanceOf(TreeStartException.class)
                .hasCause(NO_PORT);
    }

    @Test
    void aStartIsOverWhenAllHaveSettled() {
        Play play = Play.of(builder -> builder.child(child("a").withSettle(Duration.ofSeconds(1))));
        CompletableFuture<Void> started = play.tree.startAsync().toCompletableFuture();

        play.advance(Duration.ofSeconds(1));
        assertThat(started).isCompleted();

        play.actor("a").fail(NO_PORT);
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
    }

    /** The ways in which a child that is starting does not come up. */
    enum NotUp {
        THROWS,
        RETURNS,
        IS_LATE
    }

    @ParameterizedTest
    @EnumSource(NotUp.class)
    @DisplayName(
            "2.1: a start that throws, ends or is late is a failure of kind START: the caller's, a retry's, a restart's")
    void aChildThatDoesNotComeUpHasFailedAsStart(NotUp how) {
        ChildSpec awaited = child("a").awaitReady();
        Play failFast = Play.of(builder -> builder.child(awaited));
        play(failFast, how);
        var started = failFast.tree.startAsync();
        failFast.advance(Duration.ofSeconds(30));
        assertThatThrownBy(() -> failFast.result(started)).isInstanceOf(TreeStartException.class);
        assertThat(failFast.events(TreeEvent.Failed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.kind()).isEqualTo(ChildFailure.START));
        assertThat(failFast.alive()).isEmpty();

        Play retried = Play.of(builder -> builder.child(awaited.withFirstStart(FirstStart.RETRY)));
        play(retried, how);
        retried.tree.startAsync();
        retried.advance(how == NotUp.IS_LATE ? Duration.ofSeconds(30) : Duration.ZERO);
        assertThat(retried.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(retried.at("a").lastFailure()).contains(ChildFailure.START);

        Play restarted = Play.of(builder -> builder.child(awaited));
        restarted.fate("a", actor -> actor.context().ready());
        restarted.start();
        play(restarted, how);
        restarted.actor("a").fail();
        restarted.advance(Duration.ofMillis(how == NotUp.IS_LATE ? 30_200 : 200));
        assertThat(restarted.at("a").lastFailure()).contains(ChildFailure.START);
        assertThat(restarted.at("a").failures()).isEqualTo(2);
        assertThat(restarted.started("a")).isEqualTo(2);
    }

    private static void play(Play play, NotUp how) {
        switch (how) {
            case THROWS -> play.fate("a", actor -> actor.throwsNow(NO_PORT));
            case RETURNS -> play.fate("a", Play.Actor::finish);
            case IS_LATE -> play.fate("a", null);
        }
    }

    @Test
    void aChildThatIsNotReadyInTimeFailsTheStartAndIsStopped() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady().withStartTimeout(Duration.ofSeconds(3))));
        CompletableFuture<Void> started = play.tree.startAsync().toCompletableFuture();
        play.advance(Duration.ofMillis(2_999));
        assertThat(started).isNotDone();

        play.advance(Duration.ofMillis(1));

        assertThatThrownBy(() -> play.result(started))
                .hasMessageContaining("'a'")
                .hasStackTraceContaining("not ready");
        assertThat(play.alive()).isEmpty();
    }

    @Test
    @DisplayName("7: a child of a template whose start fails: the same")
    void spawningAChildThatDoesNotStartLeavesNothingBehind() {
        Play play = Play.of(builder ->
                builder.template(child("t").awaitReady(), 1).intensity(RestartIntensity.of(0, Duration.ofSeconds(5))));
        play.start();
        play.fate("1", actor -> actor.throwsNow(NO_PORT));

        var spawned = play.tree.spawn("", context -> {});

        assertThatThrownBy(() -> play.result(spawned))
                .isInstanceOf(TreeStartException.class)
                .hasCause(NO_PORT);
        assertThat(play.states()).isEqualTo("=RUNNING#1");
        play.fate("2", actor -> actor.context().ready());
        play.await(play.tree.spawn("", context -> {}));
        assertThat(play.states()).isEqualTo("=RUNNING#1 2=RUNNING#1");
    }

    @Test
    @DisplayName(
            "7: adding a child whose start fails gives the cause, leaves nothing behind and touches nobody's budget")
    void addingAChildThatDoesNotStartLeavesNothingBehind() {
        Play play = Play.of(builder ->
                        builder.child(child("sibling")).intensity(RestartIntensity.of(0, Duration.ofSeconds(5))))
                .start();
        play.fate("late", actor -> actor.throwsNow(NO_PORT));

        var added = play.tree.add("", child("late").awaitReady());

        assertThatThrownBy(() -> play.result(added))
                .isInstanceOf(TreeStartException.class)
                .hasCause(NO_PORT);
        assertThat(play.states()).isEqualTo("=RUNNING#1 sibling=RUNNING#1");
        assertThat(play.at("sibling").failures()).isZero();
    }

    @Test
    @DisplayName("8: a stopped child that does not start again stays stopped, and the caller hears why")
    void aManualRestartThatFailsLeavesTheChildStopped() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady()));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.await(play.tree.stopChild("a"));
        play.fate("a", actor -> actor.throwsNow(NO_PORT));

        var restarted = play.tree.restartChild("a");

        assertThatThrownBy(() -> play.result(restarted)).hasCause(NO_PORT);
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        play.advance(Duration.ofHours(1));
        assertThat(play.started("a")).isEqualTo(2);
    }

    @Test
    @DisplayName("13: what is asked of children in the wrong state is refused, each with its reason")
    void refusesWhatDoesNotFitTheState() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();

        assertRefused(play.tree.add("", child("a")).toCompletableFuture(), play, Reason.ALREADY_RUNNING);
        assertRefused(play.tree.stopChild("nobody").toCompletableFuture(), play, Reason.NOT_FOUND);
        assertRefused(play.tree.restartChild("a").toCompletableFuture(), play, Reason.RUNNING);
        assertRefused(play.tree.removeChild("a").toCompletableFuture(), play, Reason.RUNNING);
        assertRefused(play.tree.add("a", child("b")).toCompletableFuture(), play, Reason.NOT_A_SUPERVISOR);
        play.await(play.tree.stopChild("a")).await(play.tree.stopChild("a"));
        assertRefused(play.tree.add("", child("a")).toCompletableFuture(), play, Reason.ALREADY_PRESENT);
        play.await(play.tree.removeChild("a"));
        assertRefused(play.tree.removeChild("a").toCompletableFuture(), play, Reason.NOT_FOUND);
        assertThatThrownBy(() -> play.tree.snapshot("a")).isInstanceOf(ChildOperationException.class);
    }

    @Test
    @DisplayName("14: stop, restart, stop, remove, add, crash: each life is new, and restarts work on")
    void eachWayBackGivesANewIncarnation() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        Play.Actor first = play.actor("a");
        play.await(play.tree.stopChild("a")).await(play.tree.restartChild("a"));
        Play.Actor second = play.actor("a");
        play.await(play.tree.stopChild("a")).await(play.tree.removeChild("a")).await(play.tree.add("", child("a")));
        Play.Actor third = play.actor("a");
        third.fail();
        play.advance(Duration.ofMillis(200));

        assertThat(List.of(first, second, third, play.actor("a")))
                .extracting(actor -> actor.incarnation.generation())
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("16: a first start that keeps failing under an unlimited budget fails once")
    void aFirstStartThatFailsFastIsNotRepeated() {
        Play play = Play.of(
                builder -> builder.child(child("a").awaitReady().withConsecutiveFailures(RestartRules.UNLIMITED)));
        play.fate("a", actor -> actor.throwsNow(NO_PORT));

        assertThatThrownBy(() -> play.start()).isInstanceOf(TreeStartException.class);
        play.advance(Duration.ofHours(1));
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("17: a first start that may be retried is tried again after the first delay, and comes up")
    void aFirstStartThatMayBeRetriedComesUpLater() {
        Play play = Play.of(builder -> builder.child(child("a")
                .awaitReady()
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(BackoffPolicy.fixed(Duration.ofSeconds(1)))));
        play.fate("a", actor -> actor.throwsNow(NO_PORT));
        play.start();
        play.fate("a", actor -> actor.context().ready());

        play.advance(Duration.ofMillis(999));
        assertThat(play.started("a")).isEqualTo(1);
        play.advance(Duration.ofMillis(1));
        assertThat(play.started("a")).isEqualTo(2);
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("18, trap 11: a first start that may be retried twice is started three times, then the caller hears")
    void aRetriedFirstStartHasItsWholeBudget() {
        Play play = Play.of(builder -> {}).start();
        play.fate("a", actor -> actor.throwsNow(NO_PORT));
        var added = play.tree.add(
                "", child("a").awaitReady().withFirstStart(FirstStart.RETRY).withConsecutiveFailures(2));

        play.advance(Duration.ofSeconds(10));

        assertThatThrownBy(() -> play.result(added))
                .isInstanceOf(TreeStartException.class)
                .hasCause(NO_PORT);
        assertThat(play.started("a")).isEqualTo(3);
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
    }

    @ParameterizedTest
    @EnumSource(FirstStart.class)
    @DisplayName("19: a first start that throws what no restart can help fails at once, whatever the rules")
    void aFirstStartThatCannotBeHelpedFailsAtOnce(FirstStart first) {
        Play play = Play.of(builder -> {}).start();
        play.fate("a", actor -> actor.throwsNow(NO_PORT));
        FailureClassifier stops = FailureClassifier.defaults().on(IOException.class, Verdict.STOP);

        var added =
                play.tree.add("", child("a").awaitReady().withFirstStart(first).withClassifier(stops));

        assertThatThrownBy(() -> play.result(added))
                .isInstanceOf(TreeStartException.class)
                .hasCause(NO_PORT);
        play.advance(Duration.ofHours(1));
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("20: starting twice is refused")
    void startingTwiceIsRefused() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();

        assertRefused(play.tree.startAsync().toCompletableFuture(), play, Reason.ALREADY_STARTED);
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("21, 97: a child added before the start starts with it, then at once, and is refused after a stop")
    void addsBeforeWhileAndAfter() {
        Play play = Play.of(builder -> {});
        play.await(play.tree.add("", child("before")));
        assertThat(play.wasStarted("before")).isFalse();
        play.start();
        assertThat(play.state("before")).isEqualTo(ChildState.RUNNING);
        play.await(play.tree.add("", child("while")));
        assertThat(play.state("while")).isEqualTo(ChildState.RUNNING);
        play.stop();

        assertRefused(play.tree.add("", child("after")).toCompletableFuture(), play, Reason.NOT_RUNNING);
        assertRefused(play.tree.restartChild("before").toCompletableFuture(), play, Reason.NOT_RUNNING);
        assertThat(play.stop().isClean()).isTrue();
        assertThat(play.wasStarted("after")).isFalse();
    }

    @Test
    @DisplayName(
            "97: whatever is asked after a stop is answered: refused as not running, or done where there is nothing to do")
    void whateverIsAskedAfterAStopIsAnswered() {
        Play play = Play.of(
                        builder -> builder.child(child("a")).supervisor(SupervisorSpec.template("many", child("t"))))
                .start();
        ChildHandle handle = play.result(play.tree.spawn("many", context -> {}));
        play.stop();

        assertRefused(play.tree.add("", child("b")).toCompletableFuture(), play, Reason.NOT_RUNNING);
        assertRefused(play.tree.spawn("many", context -> {}).toCompletableFuture(), play, Reason.NOT_RUNNING);
        assertRefused(play.tree.restartChild("a").toCompletableFuture(), play, Reason.NOT_RUNNING);
        play.await(play.tree.stopChild("a")).await(play.tree.stopChild(handle));
        assertThat(play.result(play.tree.ended("a")).state()).isEqualTo(ChildState.STOPPED);
        assertThat(play.result(play.tree.ended(handle)).state()).isEqualTo(ChildState.STOPPED);
        play.await(play.tree.removeChild("a"));
        assertThat(play.tree.snapshot().active()).isZero();
        assertThat(play.stop().isClean()).isTrue();
        play.tree.drain();
        play.settle();
        assertThat(play.cast).hasSize(2);
    }

    @Test
    @DisplayName("123: stopped and started again, the same tree comes back, as new and without what was added")
    void comesBackAsDeclared() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.await(play.tree.add("", child("added")));
        play.actor("a").fail();
        play.await(play.tree.stopChild("b")).await(play.tree.removeChild("b"));
        play.stop();

        play.start();

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#1 b=RUNNING#1");
        assertThat(play.at("a").failures()).isZero();
        assertThat(play.alive()).hasSize(2);
        assertThat(play.events(TreeEvent.ChildrenDropped.class))
                .extracting(TreeEvent.ChildrenDropped::names)
                .containsExactly(List.of("added"));
    }

    @Test
    void aStopDuringTheStartEndsIt() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady()).child(child("b")));
        var started = play.tree.startAsync();
        play.settle();

        play.stop();

        assertThatThrownBy(() -> play.result(started)).isInstanceOf(CancellationException.class);
        assertThat(play.wasStarted("b")).isFalse();
    }

    @Test
    @DisplayName("2.1: a thread that cannot be made is a failed start, and tried again")
    void aThreadThatCannotBeMadeIsAFailedStartAndTriedAgain() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.refusesThreads = true;
        play.actor("a").fail();
        play.advance(Duration.ofMillis(200));
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);
        assertThat(play.at("a").lastFailure()).contains(ChildFailure.START);

        play.refusesThreads = false;
        play.advance(Duration.ofMillis(400));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("rule 2.5.7: generations grow even where a supervisor is made anew")
    void generationsGrowEvenWhereASupervisorIsMadeAnew() {
        SupervisorSpec once = SupervisorSpec.of("once", RestartStrategy.ONE_FOR_ONE)
                .withRestart(RestartPolicy.NEVER)
                .withChild(child("a").withConsecutiveFailures(0).withOnGiveUp(OnGiveUp.ESCALATE));
        Play play = Play.of(builder -> builder.supervisor(once)).start();
        play.actor("once/a").fail();
        assertThat(play.states()).isEqualTo("=RUNNING#1");
        play.stop();

        play.start();

        assertThat(play.actor("once/a").incarnation.generation()).isEqualTo(2);
    }
}
