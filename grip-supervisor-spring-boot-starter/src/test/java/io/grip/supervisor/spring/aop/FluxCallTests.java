package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.Supervised;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class FluxCallTests {

    private final TestSupervisors supervisors = new TestSupervisors();
    private final Shop target = new Shop();

    @Test
    void handsTheElementsOn() {
        target.answers(Flux.range(1, 1000));

        StepVerifier.create(shop().list("all")).expectNextCount(1000).verifyComplete();
        assertThat(supervisors.heard).containsExactly("start default", "success after 1");
    }

    @Test
    void doesNothingUntilItIsSubscribedToAndMakesAnExecutionForEachSubscription() {
        Flux<Integer> list = shop().list("all");
        assertThat(target.calls).isEmpty();
        target.answers(Flux.just(1));
        target.answers(Flux.empty());

        StepVerifier.create(list).expectNext(1).verifyComplete();
        StepVerifier.create(list).verifyComplete();
        assertThat(target.calls).hasSize(2);
    }

    @Test
    void callsTheMethodAnewAfterAFailureBeforeTheFirstElement() {
        target.answers(Flux.error(new IOException("1")));
        target.answers(() -> {
            throw new IllegalStateException("2");
        });
        target.answers((Supplier<Flux<Integer>>) () -> null);
        target.answers(Flux.just(1, 2));

        StepVerifier.create(with(TestSupervisors.retrying(4)).list("all"))
                .expectNext(1, 2)
                .verifyComplete();
        assertThat(target.calls).hasSize(4);
    }

    @Test
    void doesNotCallItAgainAfterTheFirstElement() {
        IOException failure = new IOException("after 1");
        target.answers(Flux.concat(Flux.just(1), Flux.error(failure)));

        StepVerifier.create(shop().list("all"))
                .expectNext(1)
                .verifyErrorSatisfies(thrown -> assertThat(thrown).isSameAs(failure));
        assertThat(target.calls).hasSize(1);
        assertThat(supervisors.heard).containsExactly("start default", "failure HANDLER_ERROR after 1");
    }

    @Test
    void failsWithTheVeryObjectOfTheLastError() {
        IOException last = new IOException("3");
        target.answers(Flux.error(new IOException("1")));
        target.answers(Flux.error(new IOException("2")));
        target.answers(Flux.error(last));

        StepVerifier.create(shop().list("all"))
                .verifyErrorSatisfies(thrown -> assertThat(thrown).isSameAs(last));
    }

    @Test
    void asksForNoMoreThanItIsAskedFor() {
        TestPublisher<Integer> elements = TestPublisher.create();
        AtomicLong asked = new AtomicLong();
        target.answers(elements.flux().doOnRequest(asked::addAndGet));

        StepVerifier.create(shop().list("all"), 0)
                .expectSubscription()
                .then(() -> assertThat(asked).hasValue(0))
                .thenRequest(2)
                .then(() -> assertThat(asked).hasValue(2))
                .then(() -> elements.next(1, 2))
                .expectNext(1, 2)
                .thenRequest(1)
                .then(() -> assertThat(asked).hasValue(3))
                .then(() -> elements.next(3).complete())
                .expectNext(3)
                .verifyComplete();
    }

    @Test
    void asksTheNextAttemptForAllThatIsStillOwed() {
        AtomicLong askedFirst = new AtomicLong();
        AtomicLong askedSecond = new AtomicLong();
        TestPublisher<Integer> first = TestPublisher.create();
        target.answers(first.flux().doOnRequest(askedFirst::addAndGet));
        target.answers(Flux.just(1, 2, 3, 4).doOnRequest(askedSecond::addAndGet));

        StepVerifier.create(
                        with(TestSupervisors.retryingAfter(Duration.ofSeconds(1)))
                                .list("all"),
                        2)
                .expectSubscription()
                .then(() -> assertThat(askedFirst).hasValue(2))
                .then(() -> first.error(new IOException("1")))
                .thenRequest(1)
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .expectNext(1, 2, 3)
                .then(() -> assertThat(askedSecond).hasValue(3))
                .thenRequest(10)
                .expectNext(4)
                .verifyComplete();
    }

    @Test
    void cancelsTheFluxAndGivesThePermitBack() {
        AtomicInteger cancelled = new AtomicInteger();
        target.answers(Flux.<Integer>never().doOnCancel(cancelled::incrementAndGet));
        target.answers(Flux.just(1));
        Shop one = with(TestSupervisors.THREE_ATTEMPTS.withAdmission(AdmissionPolicy.of(1)));

        StepVerifier.create(one.list("all"))
                .expectSubscription()
                .then(() -> StepVerifier.create(one.list("refused")).verifyError(AdmissionRejectedException.class))
                .thenCancel()
                .verify();

        assertThat(cancelled).hasValue(1);
        StepVerifier.create(one.list("next")).expectNext(1).verifyComplete();
    }

    @Test
    void cancelsAFluxThatDeliversAllAtOnceWhenTheSubscriberHasEnough() {
        AtomicInteger cancelled = new AtomicInteger();
        target.answers(Flux.range(1, 1_000_000).doOnCancel(cancelled::incrementAndGet));

        StepVerifier.create(shop().list("all").take(2)).expectNext(1, 2).verifyComplete();

        assertThat(cancelled).hasValue(1);
        assertThat(supervisors.get("default").inFlight()).isZero();
        assertThat(supervisors.heard).containsExactly("start default", "failure CONTEXT_CANCELLED after 1");
    }

    @Test
    void makesNoAttemptForASubscriberThatCancelsAtOnce() {
        StepVerifier.create(shop().list("all")).thenCancel().verify();
        StepVerifier.create(shop().list("all").take(0)).verifyComplete();

        assertThat(target.calls).isEmpty();
    }

    @Test
    void holdsTheAttemptTimeoutToTheFirstElementOnly() {
        TestPublisher<Integer> slow = TestPublisher.create();
        TestPublisher<Integer> quick = TestPublisher.create();
        target.answers(slow.flux());
        target.answers(quick.flux());

        StepVerifier.create(with(TestSupervisors.THREE_ATTEMPTS.withDeadline(
                                DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .list("all"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .then(() -> slow.assertWasCancelled())
                .then(() -> quick.next(1))
                .expectNext(1)
                .then(() -> supervisors.time.advance(Duration.ofHours(1)))
                .then(() -> quick.next(2).complete())
                .expectNext(2)
                .verifyComplete();
    }

    @Test
    void holdsTheDeadlineAndThePermitToTheEnd() {
        TestPublisher<Integer> elements = TestPublisher.create();
        target.answers(elements.flux());
        Shop one = with(TestSupervisors.THREE_ATTEMPTS
                .withAdmission(AdmissionPolicy.of(1))
                .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(10))));

        StepVerifier.create(one.list("all"))
                .expectSubscription()
                .then(() -> elements.next(1))
                .expectNext(1)
                .then(() -> StepVerifier.create(one.list("refused")).verifyError(AdmissionRejectedException.class))
                .then(() -> supervisors.time.advance(Duration.ofSeconds(10)))
                .verifyError(DeadlineExceededException.class);
        elements.assertWasCancelled();
    }

    @Test
    void dropsTheElementsOfAnAttemptThatWasLeftBehind() {
        TestPublisher<Integer> deaf = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        target.answers(deaf.flux());
        target.answers(Flux.just(1, 2));

        StepVerifier.create(with(TestSupervisors.THREE_ATTEMPTS.withDeadline(
                                DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .list("all"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .then(() -> deaf.next(99))
                .expectNext(1, 2)
                .verifyComplete();
    }

    @Test
    void takesNoElementOfAnAttemptThatIsBeingLeftForItsFirst() {
        target.answers(Flux.from(downstream -> downstream.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                downstream.onNext(99);
            }
        })));
        target.answers(Flux.just(1, 2));

        StepVerifier.create(with(TestSupervisors.THREE_ATTEMPTS.withDeadline(
                                DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .list("all"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .expectNext(1, 2)
                .verifyComplete();
    }

    @Test
    void putsTheEndOffWhileAnElementIsBeingHandedOn() throws Exception {
        TestPublisher<Integer> elements = TestPublisher.create();
        target.answers(elements.flux());
        Flux<Integer> list = with(TestSupervisors.THREE_ATTEMPTS.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))))
                .list("all");
        CountDownLatch inElement = new CountDownLatch(1);
        CountDownLatch deadlinePassed = new CountDownLatch(1);
        List<String> signals = new ArrayList<>();
        list.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(Integer element) {
                signals.add("begin " + element);
                inElement.countDown();
                await(deadlinePassed);
                signals.add("end " + element);
            }

            @Override
            protected void hookOnError(Throwable failure) {
                signals.add(failure.getClass().getSimpleName());
            }
        });

        Thread producer = new Thread(() -> elements.next(1));
        producer.start();
        await(inElement);
        supervisors.time.advance(Duration.ofSeconds(1));
        deadlinePassed.countDown();
        producer.join();

        assertThat(signals).containsExactly("begin 1", "end 1", "DeadlineExceededException");
    }

    @Test
    void neverHandsOnElementsOfTwoAttemptsHoweverCloseTheTimeoutIs() throws Exception {
        for (int round = 0; round < 500; round++) {
            TestSupervisors own = new TestSupervisors()
                    .with(
                            "default",
                            TestSupervisors.THREE_ATTEMPTS.withDeadline(
                                    DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))));
            Shop racing = new Shop();
            TestPublisher<Integer> first =
                    TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
            racing.answers(first.flux());
            racing.answers(Flux.just(2));
            List<Object> signals = new CopyOnWriteArrayList<>();
            own.supervised(racing).list("all").subscribe(signals::add, signals::add);
            CyclicBarrier together = new CyclicBarrier(2);
            Thread producer = new Thread(() -> {
                meet(together);
                first.next(1);
                first.complete();
            });
            producer.start();

            meet(together);
            own.time.advance(Duration.ofSeconds(1));
            producer.join();

            assertThat(signals)
                    .as("round " + round)
                    .isSubsetOf(1, 2, timeoutIn(signals))
                    .doesNotHaveDuplicates();
            assertThat(signals.containsAll(List.of(1, 2)))
                    .as(signals.toString())
                    .isFalse();
        }
    }

    private static Object timeoutIn(List<Object> signals) {
        return signals.stream()
                .filter(AttemptTimeoutException.class::isInstance)
                .findFirst()
                .orElse("no timeout");
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception never) {
            throw new AssertionError(never);
        }
    }

    @Test
    void takesItsSubscribersContextAlong() {
        target.answers(Flux.error(new IOException("1")));
        target.answers(() -> Flux.deferContextual(context -> Flux.just(context.<Integer>get("number"))));

        StepVerifier.create(shop().list("all").contextWrite(context -> context.put("number", 7)))
                .expectNext(7)
                .verifyComplete();
    }

    @Test
    void answersFromTheFallbackBeforeTheFirstElement() {
        target.answers(Flux.error(new IOException("1")));
        StepVerifier.create(with(TestSupervisors.retrying(1)).listOr("all"), 1)
                .expectNext(-1)
                .thenRequest(1)
                .expectNext(-2)
                .verifyComplete();
        assertThat(supervisors.heard).containsExactly("start default", "failure HANDLER_ERROR after 1");
    }

    @Test
    void answersFromTheFallbackAfterARejectionTheDeadlineAndAnAttemptTimeout() {
        Shop one = with(TestSupervisors.retrying(1)
                .withAdmission(AdmissionPolicy.of(1))
                .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(2))));
        target.answers(Flux.never());
        StepVerifier.create(one.listOr("all"))
                .expectSubscription()
                .then(() -> StepVerifier.create(one.listOr("refused"))
                        .expectNext(-1, -2)
                        .verifyComplete())
                .then(() -> supervisors.time.advance(Duration.ofSeconds(2)))
                .expectNext(-1, -2)
                .verifyComplete();
        assertThat(target.causes).containsExactly("AdmissionRejectedException", "DeadlineExceededException");
    }

    @Test
    void doesNotAnswerFromTheFallbackAfterTheFirstElementOrAPanic() {
        target.answers(Flux.concat(Flux.just(1), Flux.error(new IOException("after 1"))));
        StepVerifier.create(shop().listOr("all")).expectNext(1).verifyErrorMessage("after 1");

        target.answers(Flux.error(new AssertionError("panic")));
        StepVerifier.create(shop().listOr("all")).verifyErrorMessage("panic");
        assertThat(target.causes).isEmpty();
    }

    @Test
    void failsWithAnAttemptTimeoutWhereNothingIsLeft() {
        target.answers(Flux.never());

        StepVerifier.create(with(TestSupervisors.retrying(1)
                                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .list("all"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .verifyError(AttemptTimeoutException.class);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private Shop shop() {
        return supervisors.supervised(target);
    }

    private Shop with(SupervisorPolicy policy) {
        return supervisors.with("default", policy).supervised(target);
    }

    static class Shop {

        final List<String> calls = new ArrayList<>();
        final List<String> causes = new ArrayList<>();
        private final Deque<Supplier<Flux<Integer>>> answers = new ArrayDeque<>();

        void answers(Flux<Integer> answer) {
            answers.add(() -> answer);
        }

        void answers(Supplier<Flux<Integer>> answer) {
            answers.add(answer);
        }

        @Supervised("default")
        public Flux<Integer> list(String what) {
            calls.add(what);
            return answers.remove().get();
        }

        @Supervised(policy = "default", fallback = "cached")
        public Flux<Integer> listOr(String what) {
            calls.add(what);
            return answers.remove().get();
        }

        Flux<Integer> cached(String what, Throwable cause) {
            causes.add(cause.getClass().getSimpleName());
            return Flux.just(-1, -2);
        }
    }
}
