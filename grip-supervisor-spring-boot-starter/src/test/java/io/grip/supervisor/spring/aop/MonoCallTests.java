package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.SupervisorShutdownException;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class MonoCallTests {

    private final TestSupervisors supervisors = new TestSupervisors();
    private final Shop target = new Shop();

    @Test
    void doesNothingUntilItIsSubscribedTo() {
        Mono<String> paid = shop().pay("order");
        assertThat(target.calls).isEmpty();
        assertThat(supervisors.heard).isEmpty();

        target.answers(Mono.just("paid"));
        StepVerifier.create(paid).expectNext("paid").verifyComplete();
        assertThat(supervisors.heard).containsExactly("start default", "success after 1");
    }

    @Test
    void makesAnExecutionForEachSubscription() {
        Mono<String> paid = shop().pay("order");
        target.answers(Mono.just("1"));
        target.answers(Mono.just("2"));

        StepVerifier.create(paid).expectNext("1").verifyComplete();
        StepVerifier.create(paid).expectNext("2").verifyComplete();
        assertThat(supervisors.heard)
                .containsExactly("start default", "success after 1", "start default", "success after 1");
    }

    @Test
    void completesEmptyWhereTheMethodDoes() {
        target.answers(Mono.empty());

        StepVerifier.create(shop().pay("order")).verifyComplete();
        assertThat(supervisors.heard).containsExactly("start default", "success after 1");
    }

    @Test
    void callsTheMethodAnewAfterAnErrorAThrowAndNull() {
        target.answers(Mono.error(new IOException("1")));
        target.answers(() -> {
            throw new IllegalStateException("2");
        });
        target.answers((Supplier<Mono<String>>) () -> null);
        target.answers(Mono.just("paid"));

        StepVerifier.create(with(TestSupervisors.retrying(4)).pay("order"))
                .expectNext("paid")
                .verifyComplete();
        assertThat(target.calls).containsExactly("order", "order", "order", "order");
    }

    @Test
    void failsWithTheVeryObjectOfTheLastError() {
        IOException last = new IOException("3");
        target.answers(Mono.error(new IOException("1")));
        target.answers(Mono.error(new IOException("2")));
        target.answers(Mono.error(last));

        StepVerifier.create(shop().pay("order"))
                .verifyErrorSatisfies(failure -> assertThat(failure).isSameAs(last));
    }

    @Test
    void waitsForTheEndNotForTheValue() {
        TestPublisher<String> answer = TestPublisher.create();
        target.answers(answer.mono());
        target.answers(Mono.just("paid"));
        StepVerifier.create(shop().pay("order"))
                .then(() -> answer.error(new IllegalStateException("rolled back")))
                .expectNext("paid")
                .verifyComplete();
    }

    @Test
    void takesItsSubscribersContextAlong() {
        target.answers(Mono.error(new IOException("1")));
        target.answers(() -> Mono.deferContextual(context -> Mono.just("paid by " + context.get("user"))));

        StepVerifier.create(shop().pay("order").contextWrite(context -> context.put("user", "ann")))
                .expectNext("paid by ann")
                .verifyComplete();
    }

    @Test
    void holdsNoThreadWhileItWaits() {
        target.answers(Mono.error(new IOException("1")));
        target.answers(Mono.just("paid"));

        StepVerifier.create(with(TestSupervisors.retryingAfter(Duration.ofMinutes(1)))
                        .pay("order"))
                .expectSubscription()
                .then(() -> assertThat(target.calls).hasSize(1))
                .then(() -> supervisors.time.advance(Duration.ofMinutes(1)))
                .expectNext("paid")
                .verifyComplete();
    }

    @Test
    void holdsNoThreadWhileItWaitsForAPermit() {
        Sinks.One<String> first = Sinks.one();
        target.answers(first.asMono());
        target.answers(Mono.just("second"));
        Shop one = with(TestSupervisors.THREE_ATTEMPTS.withAdmission(
                AdmissionPolicy.of(1).withMaxWait(Duration.ofHours(1))));
        List<String> paid = new ArrayList<>();

        one.pay("1").subscribe(paid::add);
        one.pay("2").subscribe(paid::add);
        assertThat(target.calls).containsExactly("1");
        first.tryEmitValue("first");

        assertThat(paid).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void cancelsTheMonoAndGivesThePermitBack() {
        AtomicInteger cancelled = new AtomicInteger();
        target.answers(Mono.<String>never().doOnCancel(cancelled::incrementAndGet));
        target.answers(Mono.just("paid"));
        Shop one = with(TestSupervisors.THREE_ATTEMPTS.withAdmission(AdmissionPolicy.of(1)));

        Disposable subscription = one.pay("order").subscribe();
        StepVerifier.create(one.pay("refused")).verifyError(AdmissionRejectedException.class);
        subscription.dispose();

        assertThat(cancelled).hasValue(1);
        StepVerifier.create(one.pay("next")).expectNext("paid").verifyComplete();
    }

    @Test
    void failsAtTheDeadlineAndCancelsTheMono() {
        AtomicInteger cancelled = new AtomicInteger();
        target.answers(Mono.<String>never().doOnCancel(cancelled::incrementAndGet));

        StepVerifier.create(with(TestSupervisors.THREE_ATTEMPTS.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))))
                        .pay("order"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .verifyError(DeadlineExceededException.class);
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void retriesAnAttemptThatRanPastItsTimeout() {
        target.answers(Mono.never());
        target.answers(Mono.just("paid"));

        StepVerifier.create(with(TestSupervisors.THREE_ATTEMPTS.withDeadline(
                                DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .pay("order"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .expectNext("paid")
                .verifyComplete();
    }

    @Test
    void answersFromTheFallbackAfterAFailureARejectionAndTheDeadline() {
        Shop one = with(TestSupervisors.retrying(1)
                .withAdmission(AdmissionPolicy.of(1))
                .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))));
        target.answers(Mono.error(new IOException("1")));
        StepVerifier.create(one.payOrNot("order"))
                .expectNext("instead of order: IOException")
                .verifyComplete();

        target.answers(Mono.never());
        StepVerifier.create(one.payOrNot("late"))
                .expectSubscription()
                .then(() -> StepVerifier.create(one.payOrNot("refused"))
                        .expectNext("instead of refused: AdmissionRejectedException")
                        .verifyComplete())
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .expectNext("instead of late: DeadlineExceededException")
                .verifyComplete();
        assertThat(supervisors.heard)
                .filteredOn(line -> line.startsWith("success"))
                .isEmpty();
    }

    @Test
    void answersFromTheFallbackAfterAnAttemptTimeoutToo() {
        target.answers(Mono.never());

        StepVerifier.create(with(TestSupervisors.retrying(1)
                                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))))
                        .payOrNot("order"))
                .expectSubscription()
                .then(() -> supervisors.time.advance(Duration.ofSeconds(1)))
                .expectNext("instead of order: " + AttemptTimeoutException.class.getSimpleName())
                .verifyComplete();
    }

    @Test
    void doesNotAnswerFromTheFallbackAfterAPanicAndAShutdown() {
        Error panic = new AssertionError("panic");
        target.answers(Mono.error(panic));
        StepVerifier.create(shop().payOrNot("order"))
                .verifyErrorSatisfies(failure -> assertThat(failure).isSameAs(panic));

        supervisors.get("default").close();
        StepVerifier.create(shop().payOrNot("order")).verifyError(SupervisorShutdownException.class);
        assertThat(target.fallbacks).isZero();
    }

    @Test
    void failsWithWhatTheFallbackThrows() {
        target.answers(Mono.error(new IOException("1")));
        target.failingFallback = true;

        StepVerifier.create(with(TestSupervisors.retrying(1)).payOrNot("order")).verifyErrorMessage("fallback");
    }

    private Shop shop() {
        return supervisors.supervised(target);
    }

    private Shop with(SupervisorPolicy policy) {
        return supervisors.with("default", policy).supervised(target);
    }

    static class Shop {

        final List<String> calls = new ArrayList<>();
        private final Deque<Supplier<Mono<String>>> answers = new ArrayDeque<>();
        private int fallbacks;
        private boolean failingFallback;

        void answers(Mono<String> answer) {
            answers.add(() -> answer);
        }

        void answers(Supplier<Mono<String>> answer) {
            answers.add(answer);
        }

        @Supervised("default")
        public Mono<String> pay(String order) {
            calls.add(order);
            return answers.remove().get();
        }

        @Supervised(policy = "default", fallback = "payLater")
        public Mono<String> payOrNot(String order) {
            calls.add(order);
            return answers.remove().get();
        }

        private Mono<String> payLater(String order, Throwable cause) {
            fallbacks++;
            if (failingFallback) {
                throw new IllegalArgumentException("fallback");
            }
            return Mono.just("instead of " + order + ": " + cause.getClass().getSimpleName());
        }
    }
}
