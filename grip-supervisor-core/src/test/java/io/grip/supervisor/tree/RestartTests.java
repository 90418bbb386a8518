package io.grip.supervisor.tree;

import static io.grip.supervisor.tree.Play.child;
import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestartTests {

    private static final Duration DELAY = Duration.ofMillis(200);

    private static Play one(RestartPolicy policy) {
        return Play.of(builder -> builder.child(child("a").withRestart(policy)).child(child("b")))
                .start();
    }

    @ParameterizedTest
    @CsvSource({
        "ALWAYS,     false, RUNNING",
        "ALWAYS,     true,  RUNNING",
        "ON_FAILURE, false, STOPPED",
        "ON_FAILURE, true,  RUNNING",
    })
    @DisplayName("23 to 27: what follows a clean end and a failure")
    void restartsByPolicy(RestartPolicy policy, boolean fails, ChildState then) {
        Play play = one(policy);
        Play.Actor first = play.actor("a");

        first.throwsNow(fails ? new IOException("down") : null);
        play.advance(DELAY);

        assertThat(play.state("a")).isEqualTo(then);
        assertThat(play.started("a")).isEqualTo(then == ChildState.RUNNING ? 2 : 1);
        assertThat(play.tree.snapshot().active()).isEqualTo(then == ChildState.RUNNING ? 2 : 1);
        assertThat(play.started("b")).isEqualTo(1);
    }

    @Test
    @DisplayName("24: a resident worker that ends cleanly, twice, is restarted both times, and that counts")
    void aCleanEndOfAResidentWorkerIsAFailure() {
        Play play = one(RestartPolicy.ALWAYS);

        play.actor("a").finish();
        play.advance(DELAY);
        play.actor("a").finish();
        play.settle();

        assertThat(play.at("a").failures()).isEqualTo(2);
        assertThat(play.at("a").lastFailure()).contains(ChildFailure.EXIT);
        play.advance(DELAY.multipliedBy(2));
        assertThat(play.started("a")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("28, 30: a child that is never restarted is gone after any end, and its name is free")
    void aChildThatIsNeverRestartedIsGone(boolean fails) {
        Play play = one(RestartPolicy.NEVER);
        var ended = play.tree.ended("a");

        play.actor("a").throwsNow(fails ? new IOException("down") : null);

        ChildEnd end = play.result(ended);
        assertThat(end.state()).isEqualTo(ChildState.STOPPED);
        assertThat(end.failure().isPresent()).isEqualTo(fails);
        assertThat(play.states()).isEqualTo("=RUNNING#1 b=RUNNING#1");
        play.await(play.tree.add("", child("a")));
        assertThat(play.actor("a").incarnation.generation()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = RestartStrategy.class,
            names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    @DisplayName("29: a child that is never restarted goes down with its group, and its supervisor runs on")
    void aBystanderThatIsNeverRestartedIsGoneAfterTheGroupRestart(RestartStrategy strategy) {
        Play play = Play.of(builder -> builder.strategy(strategy)
                        .child(child("a"))
                        .child(child("bystander").withRestart(RestartPolicy.NEVER)))
                .start();

        play.actor("a").fail();
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2");
    }

    @Test
    @DisplayName("33, rule 2.2.2: a cancellation or an interrupt that nobody asked for is a failure")
    void aStopThatNobodyAskedForIsAFailure() {
        Play play = one(RestartPolicy.ON_FAILURE);

        play.actor("a").fail(new CancellationException());
        play.advance(DELAY);
        play.actor("a").fail(new InterruptedException());
        play.advance(DELAY.multipliedBy(2));
        play.actor("a").fail(new ClosedByInterruptException());
        play.advance(DELAY.multipliedBy(4));

        assertThat(play.started("a")).isEqualTo(4);
        assertThat(play.at("a").failures()).isEqualTo(3);
    }

    @Test
    @DisplayName("89: whatever a child throws after it was asked to stop is told, and never counted")
    void whatComesAfterAStopIsNoFailure() {
        Play play = one(RestartPolicy.ALWAYS);
        play.manner("a", Play.Manner.STUBBORN);
        IOException late = new IOException("closed");
        var stopped = play.tree.stopChild("a");
        play.settle();

        play.actor("a").fail(late);

        play.await(stopped);
        assertThat(play.state("a")).isEqualTo(ChildState.STOPPED);
        assertThat(play.events(TreeEvent.Stopped.class))
                .anySatisfy(event -> assertThat(event.cause()).contains(late));
        assertThat(play.events(TreeEvent.Failed.class)).isEmpty();
        play.advance(Duration.ofHours(1));
        assertThat(play.started("a")).isEqualTo(1);
    }

    @Test
    @DisplayName("34: a task that is done is done, and its supervisor runs on without it")
    void aTaskThatIsDoneIsNotRepeated() {
        Play play = one(RestartPolicy.ON_FAILURE);
        var ended = play.tree.ended("a");

        play.actor("a").finish();

        assertThat(play.result(ended)).satisfies(end -> {
            assertThat(end.state()).isEqualTo(ChildState.STOPPED);
            assertThat(end.failure()).isEmpty();
        });
        assertThat(play.state("")).isEqualTo(ChildState.RUNNING);
        assertThat(play.tree.snapshot().active()).isEqualTo(1);
    }

    /** When a task has come to its end. */
    enum Done {
        IN_ITS_FIRST_STEP,
        AFTER_ITS_SET_UP,
        AFTER_A_RESTART
    }

    static Stream<Arguments> eachEndUnderEachStrategy() {
        return Stream.of(RestartStrategy.values())
                .flatMap(strategy -> Stream.of(Done.values()).map(done -> Arguments.of(strategy, done)));
    }

    @ParameterizedTest
    @MethodSource("eachEndUnderEachStrategy")
    @DisplayName("35: a child that has ended, whenever that was, stays so under every strategy")
    void aChildThatHasEndedStaysSo(RestartStrategy strategy, Done done) {
        ChildSpec task = child("2").withRestart(RestartPolicy.ON_FAILURE);
        boolean template = strategy == RestartStrategy.TEMPLATE;
        Play play = template
                ? Play.of(builder -> builder.template(task, 10))
                : Play.of(
                        builder -> builder.strategy(strategy).child(child("1")).child(task));
        if (done == Done.IN_ITS_FIRST_STEP) {
            play.fate("2", Play.Actor::finish);
        }
        play.start();
        if (template) {
            play.await(play.tree.spawn("", context -> {})).await(play.tree.spawn("", context -> {}));
        }
        if (done == Done.AFTER_A_RESTART) {
            play.actor("2").fail();
            play.advance(DELAY);
        }
        if (done != Done.IN_ITS_FIRST_STEP) {
            play.actor("2").finish();
            play.settle();
        }
        long starts = play.started("2");
        assertThat(starts).isEqualTo(done == Done.AFTER_A_RESTART ? 2 : 1);

        play.actor("1").fail();
        play.advance(Duration.ofMinutes(10));

        assertThat(play.state("1")).isEqualTo(ChildState.RUNNING);
        assertThat(play.started("2")).isEqualTo(starts);
        assertThat(play.tree.snapshot().child("2").map(ChildSnapshot::state))
                .isEqualTo(template ? Optional.empty() : Optional.of(ChildState.STOPPED));
    }

    @ParameterizedTest
    @EnumSource(value = RestartStrategy.class, names = "TEMPLATE", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("35: a child stopped by hand stays stopped, whoever is restarted beside it")
    void aStoppedChildStaysStopped(RestartStrategy strategy) {
        Play play = Play.of(builder -> builder.strategy(strategy)
                        .child(child("a"))
                        .child(child("task").withRestart(RestartPolicy.ON_FAILURE))
                        .child(child("byHand")))
                .start();
        play.actor("task").finish();
        play.await(play.tree.stopChild("byHand"));

        play.actor("a").fail();
        play.advance(DELAY);

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2 task=STOPPED#1 byHand=STOPPED#1");
    }

    @Test
    @DisplayName("48: the outermost listed throwable decides, its nearest class first; wrappers do not count")
    void classifiesByTheNearestType() {
        FailureClassifier classifier = FailureClassifier.defaults()
                .on(IOException.class, Verdict.STOP)
                .on(FileNotFoundException.class, Verdict.RESTART)
                .on(IllegalStateException.class, Verdict.ESCALATE);

        assertThat(classifier.verdict(new IOException())).isEqualTo(Verdict.STOP);
        assertThat(classifier.verdict(new FileNotFoundException())).isEqualTo(Verdict.RESTART);
        assertThat(classifier.verdict(new RuntimeException(new IOException()))).isEqualTo(Verdict.STOP);
        assertThat(classifier.verdict(new IllegalStateException(new IOException())))
                .isEqualTo(Verdict.ESCALATE);
        assertThat(classifier.verdict(new CompletionException(new FileNotFoundException())))
                .isEqualTo(Verdict.RESTART);
        assertThat(classifier.verdict(new RuntimeException())).isEqualTo(Verdict.RESTART);
        assertThat(classifier.verdict(new NoClassDefFoundError())).isEqualTo(Verdict.ESCALATE);
    }

    static Stream<Arguments> throwablesAndTheirVerdicts() {
        return Stream.of(
                Arguments.of(new FileNotFoundException(), Verdict.RESTART),
                Arguments.of(new IOException(), Verdict.STOP),
                Arguments.of(new IllegalStateException(), Verdict.ESCALATE),
                Arguments.of(new RuntimeException(new IOException()), Verdict.STOP),
                Arguments.of(new IllegalStateException(new IOException()), Verdict.ESCALATE),
                Arguments.of(new CompletionException(new FileNotFoundException()), Verdict.RESTART),
                Arguments.of(new RuntimeException(), Verdict.RESTART));
    }

    @ParameterizedTest
    @MethodSource("throwablesAndTheirVerdicts")
    @DisplayName("48: exception classes mapped to restart, stop and escalate: each does what it is mapped to")
    void eachExceptionDoesWhatItIsMappedTo(Throwable thrown, Verdict verdict) {
        FailureClassifier classifier = FailureClassifier.defaults()
                .on(IOException.class, Verdict.STOP)
                .on(FileNotFoundException.class, Verdict.RESTART)
                .on(IllegalStateException.class, Verdict.ESCALATE);
        Play play = Play.of(builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(RestartRules.defaults().withJitter(0))
                        .withChild(child("a").withClassifier(classifier))
                        .withChild(child("b"))))
                .start();

        play.actor("s/a").fail(thrown);
        play.advance(Duration.ofMinutes(1));

        assertThat(play.states())
                .isEqualTo(
                        switch (verdict) {
                            case RESTART -> "=RUNNING#1 s=RUNNING#1 s/a=RUNNING#2 s/b=RUNNING#1";
                            case STOP -> "=RUNNING#1 s=RUNNING#1 s/a=FAILED#1 s/b=RUNNING#1";
                            case ESCALATE -> "=RUNNING#1 s=RUNNING#2 s/a=RUNNING#1 s/b=RUNNING#1";
                            case FATAL -> throw new AssertionError("none is");
                        });
        assertThat(play.started("s/b")).isEqualTo(verdict == Verdict.ESCALATE ? 2 : 1);
    }

    @Test
    @DisplayName(
            "48: nested or flattened: entries added around a classifier come before it, and what they do not know it decides")
    void nestedClassifiersAskTheInnerOneForWhatTheyDoNotKnow() {
        FailureClassifier inner = thrown -> Verdict.ESCALATE;
        FailureClassifier nested = inner.on(IOException.class, Verdict.STOP);
        FailureClassifier twice =
                nested.on(IOException.class, Verdict.RESTART).on(FileNotFoundException.class, Verdict.STOP);

        assertThat(nested.verdict(new IOException())).isEqualTo(Verdict.STOP);
        assertThat(nested.verdict(new IllegalStateException())).isEqualTo(Verdict.ESCALATE);
        assertThat(twice.verdict(new IOException())).isEqualTo(Verdict.RESTART);
        assertThat(twice.verdict(new FileNotFoundException())).isEqualTo(Verdict.STOP);
        assertThat(twice.verdict(new IllegalStateException())).isEqualTo(Verdict.ESCALATE);
    }

    @Test
    @DisplayName("rule 2.2.3: the default verdicts are the documented ones")
    void theDefaultVerdictsAreTheDocumentedOnes() {
        FailureClassifier defaults = FailureClassifier.defaults();

        assertThat(defaults.verdict(new Exception())).isEqualTo(Verdict.RESTART);
        assertThat(defaults.verdict(new StackOverflowError())).isEqualTo(Verdict.RESTART);
        assertThat(defaults.verdict(new NoSuchMethodError())).isEqualTo(Verdict.ESCALATE);
        assertThat(defaults.verdict(new AssertionError())).isEqualTo(Verdict.ESCALATE);
        assertThat(defaults.verdict(new OutOfMemoryError())).isEqualTo(Verdict.FATAL);
        assertThat(defaults.verdict(new CompletionException(new OutOfMemoryError())))
                .isEqualTo(Verdict.FATAL);
    }

    @Test
    @DisplayName("50: a fatal error skips all budgets: the root acts, and everything ends")
    void aFatalErrorEndsTheTree() {
        OutOfMemoryError fatal = new OutOfMemoryError("heap");
        Play play = Play.of(builder -> builder.child(child("b"))
                        .supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                                .withChild(child("a"))))
                .start();

        play.actor("s/a").fail(fatal);

        assertThat(play.rootFailures).singleElement().satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(RootFailure.Reason.FATAL);
            assertThat(failure.path()).isEqualTo("s/a");
            assertThat(failure.cause()).isSameAs(fatal);
        });
        assertThat(play.alive()).isEmpty();
        assertThat(play.state("")).isEqualTo(ChildState.FAILED);
        play.advance(Duration.ofHours(1));
        assertThat(play.cast).hasSize(2);
    }

    @Test
    @DisplayName("rule 2.2.3: a verdict of STOP isolates for good, in a group too")
    void aVerdictOfStopIsolatesForGood() {
        Play play = Play.of(builder -> builder.strategy(RestartStrategy.ONE_FOR_ALL)
                        .child(child("a")
                                .withClassifier(FailureClassifier.defaults().on(IOException.class, Verdict.STOP)))
                        .child(child("b")))
                .start();

        play.actor("a").fail(new IOException("revoked"));
        play.advance(Duration.ofHours(1));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=FAILED#1 b=RUNNING#1");
    }

    @Test
    @DisplayName("rule 2.2.5: a classifier that throws is told of, and the defaults decide")
    void aBrokenClassifierChangesNothing() {
        IllegalStateException broken = new IllegalStateException("broken classifier");
        Play play = Play.of(builder -> builder.child(child("a").withClassifier(thrown -> {
                    throw broken;
                })))
                .start();

        play.actor("a").fail();
        play.advance(DELAY);

        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.events(TreeEvent.HookFailed.class)).singleElement().satisfies(event -> {
            assertThat(event.hook()).isEqualTo("classifier");
            assertThat(event.cause()).isSameAs(broken);
        });
    }

    @Test
    @DisplayName("62: a restart that fails is a failure too, and another is tried")
    void aRestartThatFailsIsCountedAndTriedAgain() {
        Play play = Play.of(builder -> builder.child(child("a").awaitReady()));
        play.fate("a", actor -> actor.context().ready());
        play.start();
        play.fate("a", actor -> actor.throwsNow(new IOException("still down")));

        play.actor("a").fail();
        play.advance(DELAY);
        assertThat(play.at("a").failures()).isEqualTo(2);
        assertThat(play.at("a").lastFailure()).contains(ChildFailure.START);

        play.fate("a", actor -> actor.context().ready());
        play.advance(DELAY.multipliedBy(2));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }

    @Test
    @DisplayName("rule 2.2.4: a worker that ends at once pays its backoff and does not spin")
    void aWorkerThatEndsAtOnceDoesNotSpin() {
        Play play = Play.of(builder -> builder.child(child("a")));
        play.fate("a", actor -> actor.throwsNow(null));
        play.start();

        play.advance(Duration.ofSeconds(120));

        assertThat(play.started("a")).isEqualTo(11);
        assertThat(play.state("a")).isEqualTo(ChildState.FAILED);
    }

    @Test
    @DisplayName("trap 2: a dependency that is down does not burn the budget at once")
    void theDefaultBudgetRidesOutAnOutage() {
        Play play = Play.of(builder -> builder.child(child("a"))).start();
        play.fate("a", actor -> actor.throwsNow(new IOException("database down")));

        play.actor("a").fail();
        play.advance(Duration.ofSeconds(110));
        assertThat(play.state("a")).isEqualTo(ChildState.BACKING_OFF);

        play.fate("a", null);
        play.advance(Duration.ofSeconds(2));
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
        assertThat(play.started("a")).isEqualTo(11);
    }

    @Test
    void aRestartWithoutDelayHappensAtOnce() {
        Play play = Play.of(builder -> builder.child(child("a").withBackoff(BackoffPolicy.none())))
                .start();

        play.actor("a").fail();

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=RUNNING#2");
    }

    @Test
    @DisplayName("rule 2.7.5, I4: draining suppresses restarts and counts nothing")
    void drainingSuppressesRestartsAndCountsNothing() {
        Play play =
                Play.of(builder -> builder.child(child("a")).child(child("b"))).start();
        play.actor("a").fail();
        play.tree.drain();

        play.advance(DELAY);
        play.actor("b").fail();
        play.advance(Duration.ofHours(1));

        assertThat(play.states()).isEqualTo("=RUNNING#1 a=STOPPED#1 b=STOPPED#1");
        assertThat(play.stop().isClean()).isTrue();
        play.start();
        assertThat(play.state("a")).isEqualTo(ChildState.RUNNING);
    }
}
