package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.tree.ChildOperationException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class StopTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Play two() {
        return Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
    }

    private static CompletableFuture<StopReport> asked(Play play) {
        CompletableFuture<StopReport> stopped = play.tree.stopAsync().toCompletableFuture();
        play.settle();
        return stopped;
    }

    @Test
    @DisplayName("86: workers and supervisors stop in reverse order, and all end")
    void stopsInReverse() {
        Play play = Play.of(builder -> builder.child(child("a"))
                        .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                                .withChild(child("x"))
                                .withChild(child("y")))
                        .child(child("z")))
                .start();

        StopReport report = play.stop();

        assertThat(play.events(TreeEvent.Stopped.class))
                .extracting(TreeEvent::path)
                .containsExactly("z", "s/y", "s/x", "a");
        assertThat(report.all()).extracting(StopReport::path).containsExactly("", "a", "s", "s/x", "s/y", "z");
        assertThat(report.all()).allMatch(each -> each.state() == ChildState.STOPPED);
        assertThat(report.isClean()).isTrue();
        assertThat(play.time.pendingTimers()).isZero();
    }

    @Test
    @DisplayName(
            "9, 86: a nested supervisor has no limit of its own: it takes as long as its children, one after another")
    void aNestedSupervisorHasAllTheTimeItsChildrenNeed() {
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withChild(child("x"))
                        .withChild(child("y"))
                        .withChild(child("z"))))
                .start();
        List.of("s/x", "s/y", "s/z").forEach(path -> play.manner(path, Play.Manner.NEEDS_INTERRUPT));

        CompletableFuture<StopReport> stopped = asked(play);
        play.advance(Duration.ofMillis(14_990));
        assertThat(stopped).isNotDone();
        play.advance(Duration.ofMillis(10));

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.events(TreeEvent.Abandoned.class)).isEmpty();
    }

    @Test
    @DisplayName(
            "rule 2.5.1 to 4: the ladder asks, interrupts and closes after 5 s, interrupts each second, abandons after 10 s")
    void theLadderAsksThenInterruptsThenInterruptsAgainThenAbandons() {
        List<String> called = new ArrayList<>();
        Play play = Play.of(builder -> builder.child(child("a").withOnStop(() -> called.add("asked"))))
                .start();
        play.manner("a", Play.Manner.STUBBORN);
        Play.Actor actor = play.actor("a");
        actor.context().onForceStop(() -> called.add("closed"));

        CompletableFuture<StopReport> stopped = asked(play);
        assertThat(actor.context().stopRequested()).isTrue();
        assertThat(called).containsExactly("asked");
        play.advance(Duration.ofMillis(4_990));
        assertThat(actor.interrupts).isZero();
        play.advance(Duration.ofMillis(10));
        assertThat(actor.interrupts).isEqualTo(1);
        assertThat(called).containsExactly("asked", "closed");
        play.advance(SECOND);
        assertThat(actor.interrupts).isEqualTo(2);
        actor.context().onForceStop(() -> called.add("closed late"));
        play.advance(SECOND.multipliedBy(3).plusMillis(990));
        assertThat(actor.context().isCurrent()).isTrue();
        assertThat(stopped).isNotDone();
        play.advance(Duration.ofMillis(10));

        assertThat(called).containsExactly("asked", "closed", "closed late");
        assertThat(actor.context().isCurrent()).isFalse();
        assertThat(play.result(stopped).leftBehind()).singleElement().satisfies(left -> {
            assertThat(left.path()).isEqualTo("a");
            assertThat(left.waited()).isEqualTo(Duration.ofSeconds(10));
            assertThat(left.abandoned().get(0).generation()).isEqualTo(1);
            assertThat(left.abandoned().get(0).stack().get(0).getClassName()).isEqualTo("Actor");
        });
    }

    @Test
    @DisplayName(
            "87, 92, 93: one that does not end is abandoned and named with its stack; the others end; its late end is harmless")
    void aHungChildIsAbandonedAndNamed() {
        Play play = two();
        play.manner("b", Play.Manner.STUBBORN);

        CompletableFuture<StopReport> stopped = asked(play);
        play.advance(Duration.ofSeconds(10));

        StopReport report = play.result(stopped);
        assertThat(report.isClean()).isFalse();
        assertThat(report.leftBehind()).extracting(StopReport::path).containsExactly("b");
        assertThat(report.children()).extracting(StopReport::state).containsOnly(ChildState.STOPPED);
        assertThat(play.events(TreeEvent.Abandoned.class))
                .extracting(TreeEvent::path)
                .containsExactly("b");
        assertThat(play.at("b").abandoned()).hasSize(1);

        play.actor("b").fail();
        assertThat(play.at("b").abandoned()).isEmpty();
        assertThat(play.events(TreeEvent.Reaped.class)).hasSize(1);
        assertThat(play.started("b")).isEqualTo(1);
    }

    @Test
    @DisplayName("88: one without grace is interrupted at once, the others politely")
    void withoutGraceItIsInterruptedAtOnce() {
        Play play = Play.of(builder ->
                        builder.child(child("polite")).child(child("brutal").withStop(Duration.ZERO, SECOND)))
                .start();
        play.manner("brutal", Play.Manner.NEEDS_INTERRUPT);

        assertThat(play.stop().isClean()).isTrue();
        assertThat(play.actor("brutal").interrupts).isEqualTo(1);
        assertThat(play.actor("polite").interrupts).isZero();
    }

    @ParameterizedTest
    @EnumSource(RestartPolicy.class)
    @DisplayName(
            "89, trap 10: children that end by themselves in the middle of a stop: it completes, nothing is counted or restarted")
    void childrenThatEndInTheMiddleOfAStopAreNotRestarted(RestartPolicy policy) {
        IOException failure = new IOException("pool closed");
        Play play = Play.of(builder -> builder.child(child("thrower").withRestart(policy))
                        .child(child("finisher").withRestart(policy))
                        .child(child("backing").withRestart(policy))
                        .child(child("slow")))
                .start();
        play.manner("slow", Play.Manner.STUBBORN);
        CompletableFuture<StopReport> stopped = asked(play);
        assertThat(play.state("slow")).isEqualTo(ChildState.STOPPING);

        play.actor("thrower").fail(failure);
        play.actor("finisher").finish();
        play.advance(Duration.ofSeconds(2));
        play.actor("slow").fail();

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.cast).hasSize(4);
        assertThat(play.alive()).isEmpty();
        assertThat(play.events(TreeEvent.Failed.class))
                .anySatisfy(event -> assertThat(event.cause()).contains(failure));
        assertThat(play.tree.snapshot().all()).allMatch(child -> child.failures() == 0);
    }

    /** How a child comes to its end by itself. */
    enum Ending {
        RETURNS(null),
        FAILS(new IOException("pool closed")),
        IS_CANCELLED(new CancellationException("pool closed")),
        HAS_AN_ERROR(new NoClassDefFoundError("unloaded")),
        IS_OUT_OF_MEMORY(new OutOfMemoryError("heap"));

        final @Nullable Throwable thrown;

        Ending(@Nullable Throwable thrown) {
            this.thrown = thrown;
        }
    }

    static Stream<Arguments> eachEndingOfEachKind() {
        return Stream.of(RestartPolicy.values())
                .flatMap(policy -> Stream.of(Ending.values()).map(ending -> Arguments.of(policy, ending)));
    }

    @ParameterizedTest
    @MethodSource("eachEndingOfEachKind")
    @DisplayName(
            "89, trap 10: each kind of child, each way of ending by itself in the middle of a stop, asked already or not yet: "
                    + "the stop completes, every reason is kept, nothing is counted, restarted or escalated")
    void childrenThatEndByThemselvesInTheMiddleOfAStop(RestartPolicy policy, Ending ending) {
        Play play = Play.of(builder -> builder.child(child("notYet").withRestart(policy))
                        .child(child("asked").withRestart(policy)))
                .start();
        play.manner("asked", Play.Manner.STUBBORN);
        CompletableFuture<ChildEnd> end = play.tree.ended("notYet").toCompletableFuture();
        CompletableFuture<StopReport> stopped = asked(play);
        assertThat(play.state("asked")).isEqualTo(ChildState.STOPPING);
        assertThat(play.state("notYet")).isEqualTo(ChildState.RUNNING);

        play.actor("notYet").throwsNow(ending.thrown);
        play.settle();
        assertThat(stopped).isNotDone();
        play.actor("asked").throwsNow(ending.thrown);

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.result(end)).satisfies(told -> {
            assertThat(told.state()).isEqualTo(ChildState.STOPPED);
            assertThat(told.cause()).isEqualTo(Optional.ofNullable(ending.thrown));
        });
        assertThat(play.events(TreeEvent.Stopped.class))
                .filteredOn(event -> event.path().equals("asked"))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).isEqualTo(Optional.ofNullable(ending.thrown)));
        boolean wrong = ending.thrown != null || policy == RestartPolicy.ALWAYS;
        assertThat(play.events(TreeEvent.Failed.class))
                .extracting(TreeEvent::path)
                .isEqualTo(wrong ? List.of("notYet") : List.of());
        assertThat(play.tree.snapshot().all()).allMatch(child -> child.failures() == 0);
        assertThat(play.rootFailures).isEmpty();
        play.advance(Duration.ofHours(1));
        assertThat(play.cast).hasSize(2);
        Outcomes.assertOneEach(play);
    }

    @ParameterizedTest
    @MethodSource("eachEndingOfEachKind")
    @DisplayName("89: the same of a template's children, which are all asked at once")
    void childrenOfATemplateThatEndByThemselvesInTheMiddleOfAStop(RestartPolicy policy, Ending ending) {
        Play play = Play.of(builder -> builder.template(child("t").withRestart(policy), 10))
                .start();
        List.of("1", "2").forEach(path -> {
            play.await(play.tree.spawn("", context -> {}));
            play.manner(path, Play.Manner.STUBBORN);
        });
        CompletableFuture<StopReport> stopped = asked(play);

        play.actor("1").throwsNow(ending.thrown);
        play.settle();
        assertThat(stopped).isNotDone();
        play.actor("2").throwsNow(ending.thrown);

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.events(TreeEvent.Stopped.class))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.cause()).isEqualTo(Optional.ofNullable(ending.thrown)));
        assertThat(play.events(TreeEvent.Failed.class)).isEmpty();
        assertThat(play.rootFailures).isEmpty();
        play.advance(Duration.ofHours(1));
        assertThat(play.cast).hasSize(2);
    }

    @Test
    @DisplayName("91: a thread that never got to its first step, so that nothing answers, does not hang the stop")
    void aThreadThatNeverGotToItsFirstStepDoesNotHangTheStop() {
        Play play = Play.of(builder -> builder.child(child("a")).child(child("b")));
        play.hold("b");
        play.manner("b", Play.Manner.STUBBORN);
        play.tree.startAsync();
        play.settle();
        assertThat(play.state("b")).isEqualTo(ChildState.STARTING);
        CompletableFuture<StopReport> stopped = asked(play);

        play.advance(Duration.ofSeconds(10));

        assertThat(play.result(stopped).leftBehind())
                .extracting(StopReport::path)
                .containsExactly("b");
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        play.actor("b").enter();
        assertThat(play.at("b").state()).isEqualTo(ChildState.STOPPED);
    }

    @Test
    @DisplayName("I4: after a stop has begun nothing starts: no backoff, no revival, no held child, no nested restart")
    void nothingStartsAfterAStopHasBegun() {
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ALL)
                                .withChild(child("x"))
                                .withChild(child("y")))
                        .child(child("backing"))
                        .child(child("failed").withConsecutiveFailures(0).withReviveAfter(SECOND))
                        .child(child("held").withHeartbeat(SECOND))
                        .child(child("last")))
                .start();
        play.manner("held", Play.Manner.STUBBORN);
        play.manner("last", Play.Manner.STUBBORN);
        play.advance(Duration.ofSeconds(12));
        assertThat(play.state("held")).isEqualTo(ChildState.HELD);
        play.actor("failed").fail();
        play.actor("backing").fail();
        play.actor("s/x").fail();
        int before = play.cast.size();

        CompletableFuture<StopReport> stopped = asked(play);
        play.advance(Duration.ofSeconds(3));
        play.actor("held").fail();
        play.advance(Duration.ofSeconds(10));

        assertThat(stopped).isCompleted();
        assertThat(play.cast).hasSize(before);
        assertThat(play.tree.snapshot().all())
                .allMatch(child -> child.state() == ChildState.STOPPED || child.state() == ChildState.FAILED);
    }

    @Test
    @DisplayName("95: a handle of another tree is refused, and its child is left alone")
    void aHandleOfAnotherTreeIsRefused() {
        Play play = Play.of(builder -> builder.template(child("t"), 10)).start();
        SupervisionTree other = play.build("other", builder -> builder.template(child("t"), 10));
        play.await(other.startAsync());
        ChildHandle foreign = play.result(other.spawn("", context -> {}));

        StartTests.assertRefused(play.tree.stopChild(foreign).toCompletableFuture(), play, Reason.NOT_FOUND);
        StartTests.assertRefused(play.tree.ended(foreign).toCompletableFuture(), play, Reason.NOT_FOUND);
        assertThat(other.snapshot().active()).isEqualTo(1);
    }

    @Test
    @DisplayName("96: a child removed before is no part of the stop")
    void aRemovedChildIsNoPartOfTheStop() {
        Play play = two();
        play.await(play.tree.stopChild("b")).await(play.tree.removeChild("b"));

        StopReport report = play.stop();

        assertThat(report.all()).extracting(StopReport::path).containsExactly("", "a");
        play.advance(Duration.ofMinutes(1));
        assertThat(play.events(TreeEvent.Abandoned.class)).isEmpty();
    }

    @Test
    @DisplayName("rule 2.5.8, trap 13: deadlines nest: the culprit below is named, in time, and not its supervisor")
    void deadlinesNest() {
        Play play = Play.of(builder -> builder.child(child("a"))
                        .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                                .withChild(SupervisorSpec.of("t", RestartStrategy.ONE_FOR_ONE)
                                        .withChild(child("hung"))
                                        .withChild(child("slow")))))
                .start();
        play.manner("s/t/hung", Play.Manner.STUBBORN);
        play.manner("a", Play.Manner.NEEDS_INTERRUPT);
        CompletableFuture<StopReport> stopped =
                play.tree.stopAsync(Duration.ofSeconds(4)).toCompletableFuture();

        play.advance(Duration.ofMillis(4_100));

        assertThat(stopped).isCompleted();
        assertThat(play.result(stopped).leftBehind())
                .extracting(StopReport::path)
                .containsExactly("s/t/hung");
        assertThat(play.actor("s/t/hung").interrupts).isPositive();
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
    }

    @Test
    @DisplayName("rule 2.5.8: a second stop with less time hurries the first")
    void aSecondStopWithLessTimeHurriesTheFirst() {
        Play play = two();
        play.manner("b", Play.Manner.STUBBORN);
        CompletableFuture<StopReport> patient = asked(play);
        play.advance(SECOND);

        CompletableFuture<StopReport> hurried = play.tree.stopAsync(SECOND).toCompletableFuture();
        play.advance(Duration.ofMillis(1_200));

        assertThat(patient).isCompleted();
        assertThat(hurried).isCompleted();
        assertThat(play.result(hurried).leftBehind())
                .extracting(StopReport::path)
                .containsExactly("b");
    }

    @Test
    @DisplayName(
            "rule 2.8.2: a missed heartbeat is a failure, HUNG, with the worker's stack; then the ladder, then a restart")
    void aMissedHeartbeatIsAFailure() {
        Play play = Play.of(builder -> builder.child(child("a").withHeartbeat(SECOND)))
                .start();
        play.manner("a", Play.Manner.NEEDS_INTERRUPT);
        Play.Actor hung = play.actor("a");
        play.advance(Duration.ofMillis(900));
        hung.context().heartbeat();
        play.advance(Duration.ofMillis(900));
        hung.context().extend(Duration.ofSeconds(3));
        play.advance(Duration.ofMillis(2_990));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        hung.context().idle();
        play.advance(Duration.ofSeconds(30));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        hung.context().heartbeat();

        play.advance(Duration.ofMillis(1_100));

        assertThat(play.events(TreeEvent.Failed.class)).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(ChildFailure.HUNG);
            assertThat(event.cause().orElseThrow().getStackTrace()[0].getClassName())
                    .isEqualTo("Actor");
        });
        assertThat(hung.context().isCurrent()).isFalse();
        assertThat(play.state("a")).isIn(ChildState.BACKING_OFF, ChildState.HELD);
        play.advance(Duration.ofMillis(5_200));
        assertThat(hung.isAlive()).isFalse();
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.started("a")).isEqualTo(2);
    }

    @Test
    @DisplayName("116, I2: an abandoned child is held while its thread lives, and starts once that has ended")
    void anAbandonedChildIsHeldUntilReaped() {
        Play play = Play.of(builder -> builder.child(child("a").withHeartbeat(SECOND)))
                .start();
        play.manner("a", Play.Manner.STUBBORN);
        Play.Actor hung = play.actor("a");
        play.advance(Duration.ofMinutes(10));
        assertThat(play.state("a")).isEqualTo(ChildState.HELD);
        assertThat(play.started("a")).isEqualTo(1);
        assertThat(play.at("a").abandoned()).singleElement().satisfies(left -> {
            assertThat(left.age()).isPositive();
            assertThat(left.stack()).isNotEmpty();
        });
        StartTests.assertRefused(play.tree.restartChild("a").toCompletableFuture(), play, Reason.HELD);
        play.manner("a", Play.Manner.POLITE);
        play.events.clear();

        hung.finish();
        play.settle();

        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.events.get(0)).isInstanceOf(TreeEvent.Reaped.class);
        assertThat(play.events.get(1)).isInstanceOf(TreeEvent.Starting.class);
    }

    @Test
    @DisplayName("rule 1.6: a supervisor with an abandoned incarnation below is held too")
    void aSupervisorWithAnAbandonedIncarnationBelowIsHeld() {
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ALL)
                        .withRestart(RestartRules.defaults().withJitter(0))
                        .withChild(child("a"))
                        .withChild(child("b"))))
                .start();
        play.manner("s/b", Play.Manner.STUBBORN);
        play.actor("s/a").fail();
        play.advance(Duration.ofSeconds(15));
        assertThat(play.state("s")).isEqualTo(ChildState.HELD);
        assertThat(play.started("s/a")).isEqualTo(1);

        play.actor("s/b").fail();

        assertThat(play.states()).isEqualTo("=RUNNING#1 s=RUNNING#2 s/a=RUNNING#1 s/b=RUNNING#1");
    }

    @Test
    @DisplayName("trap 15: a removed child's name is free only when nothing of it is alive")
    void aNameIsFreeOnlyWhenNothingIsAlive() {
        Play play = two();
        play.manner("b", Play.Manner.STUBBORN);
        CompletableFuture<Void> stopped = play.tree.stopChild("b").toCompletableFuture();
        play.advance(Duration.ofSeconds(10));
        assertThat(stopped).isCompleted();
        play.await(play.tree.removeChild("b"));

        StartTests.assertRefused(play.tree.add("", child("b")).toCompletableFuture(), play, Reason.ALREADY_PRESENT);
        play.actor("b").fail();
        play.await(play.tree.add("", child("b")));
        assertThat(play.actor("b").incarnation.generation()).isEqualTo(2);
    }

    @Test
    @DisplayName("I5: what an older incarnation says changes nothing")
    void anOlderIncarnationChangesNothing() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady().withStartTimeout(SECOND)));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", null);
        play.actor("a").fail();
        play.advance(Duration.ofMillis(200));
        Play.Actor late = play.actor("a");
        play.manner("a", Play.Manner.STUBBORN);
        play.advance(Duration.ofMillis(1_010));
        assertThat(late.context().isCurrent()).isFalse();

        late.context().ready();
        late.context().heartbeat();
        play.settle();
        assertThat(play.state("a")).isIn(ChildState.BACKING_OFF, ChildState.HELD);
        late.finish();
        play.manner("a", Play.Manner.POLITE);
        play.advance(Duration.ofSeconds(1));
        assertThat(play.state("a")).isEqualTo(ChildState.STARTING);
        late.context().ready();
        play.settle();
        assertThat(play.state("a")).isEqualTo(ChildState.STARTING);
    }

    @Test
    @DisplayName("rule 2.5.6: more abandoned incarnations than the limit: the root acts, once, and the tree runs on")
    void tooManyAbandonedIncarnationsAreTheRootsMatter() {
        TreeLimits limits = TreeLimits.of(TreeLimits.UNLIMITED, 1, TreeLimits.UNLIMITED, 1);
        Play play = Play.of(builder -> builder.limits(limits)
                        .child(child("a").withHeartbeat(SECOND))
                        .child(child("b").withHeartbeat(SECOND))
                        .child(child("c").withHeartbeat(SECOND))
                        .child(child("well")))
                .start();
        for (String path : List.of("a", "b", "c")) {
            play.manner(path, Play.Manner.STUBBORN);
        }

        play.advance(Duration.ofMinutes(1));

        assertThat(limits.abandoned()).isEqualTo(3);
        assertThat(play.rootFailures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(RootFailure.Reason.TOO_MANY_ABANDONED));
        assertThat(play.state("well")).isEqualTo(ChildState.RUNNING);
        play.actor("a").fail();
        assertThat(limits.abandoned()).isEqualTo(2);
    }

    @Test
    @DisplayName("rule 2.2.5: hooks that throw are told of and change nothing")
    void hooksThatThrowAreToldOfAndChangeNothing() {
        IllegalStateException broken = new IllegalStateException("broken hook");
        Play play = Play.of(builder -> builder.child(child("a").withOnStop(() -> {
                    throw broken;
                })))
                .start();
        play.actor("a").context().onForceStop(() -> {
            throw broken;
        });
        play.manner("a", Play.Manner.NEEDS_INTERRUPT);
        CompletableFuture<StopReport> stopped = asked(play);

        play.advance(Duration.ofSeconds(5));

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.events(TreeEvent.HookFailed.class))
                .extracting(TreeEvent.HookFailed::hook)
                .containsExactly("onStop", "onForceStop");
    }

    @Test
    @DisplayName("I2: a tree whose last stop left something behind does not start over it")
    void aTreeWhoseLastStopLeftSomethingBehindDoesNotStartOverIt() {
        Play play = two();
        play.manner("b", Play.Manner.STUBBORN);
        asked(play);
        play.advance(Duration.ofSeconds(10));

        StartTests.assertRefused(play.tree.startAsync().toCompletableFuture(), play, Reason.HELD);
        play.actor("b").fail();
        play.start();
        assertThat(play.state("b")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("2.1: a child that is stopped while it is hung goes on down the same ladder")
    void stoppingAChildThatIsHungEndsTheSameLadder() {
        Play play = Play.of(builder -> builder.child(child("a").withHeartbeat(SECOND)))
                .start();
        play.manner("a", Play.Manner.NEEDS_INTERRUPT);
        play.advance(Duration.ofSeconds(2));
        CompletableFuture<Void> stopped = play.tree.stopChild("a").toCompletableFuture();
        play.settle();
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPING);

        play.advance(Duration.ofSeconds(5));

        assertThat(stopped).isCompleted();
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        assertThat(play.alive()).isEmpty();
    }

    @Test
    void aChildStoppedByHandThatEndsBeforeItsTurnDoesNotEndTheStopOfTheOthers() {
        Play play = Play.of(
                        builder -> builder.child(child("a")).child(child("b")).child(child("c")))
                .start();
        play.manner("a", Play.Manner.STUBBORN);
        play.manner("c", Play.Manner.STUBBORN);
        play.tree.stopChild("a");
        play.settle();
        CompletableFuture<StopReport> stopped = asked(play);

        play.actor("a").fail();
        assertThat(stopped).isNotDone();
        assertThat(play.state("b")).isEqualTo(ChildState.RUNNING);
        play.actor("c").fail();

        assertThat(play.result(stopped).isClean()).isTrue();
        assertThat(play.alive()).isEmpty();
    }

    @Test
    void aStopAtTheMomentAChildIsGivenUpOnWaitsForItOnce() {
        Play play = two();
        play.manner("b", Play.Manner.STUBBORN);
        List<CompletableFuture<StopReport>> stopped = new ArrayList<>();
        play.time.schedule(
                play.time.nanoTime() + Duration.ofSeconds(10).toNanos(),
                () -> stopped.add(play.tree.stopAsync().toCompletableFuture()));
        play.tree.stopChild("b");

        play.advance(Duration.ofSeconds(11));

        assertThat(play.result(stopped.get(0)).leftBehind()).hasSize(1);
    }

    @Test
    @DisplayName("rule 2.2.5: a hook that has not come back after 5 s is told of, once")
    void aHookThatHangsIsToldOf() {
        Play play = two();
        Node node = play.actor("a").incarnation.node;
        node.tree.hook(node, "onStop", () -> play.time.advance(Duration.ofSeconds(6)));
        play.settle();

        assertThat(play.events(TreeEvent.HookFailed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.hook()).isEqualTo("onStop"));
    }

    @Test
    @DisplayName(
            "rule 2.2.5: a classifier that does not come back: the defaults decide, and the child is held meanwhile")
    void aClassifierThatHangsIsToldOfAndTheDefaultsDecide() {
        List<Play> stage = new ArrayList<>();
        Play play = Play.of(builder -> builder.child(child("a").withClassifier(thrown -> {
                    stage.get(0).time.advance(Duration.ofMinutes(1));
                    assertThat(stage.get(0).state("a")).isEqualTo(ChildState.HELD);
                    return Verdict.STOP;
                })))
                .start();
        stage.add(play);
        IOException down = new IOException("down");

        play.actor("a").fail(down);

        assertThat(play.events(TreeEvent.HookFailed.class)).hasSize(1);
        assertThat(play.events(TreeEvent.Failed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).contains(down));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.started("a")).isEqualTo(2);
    }
}
