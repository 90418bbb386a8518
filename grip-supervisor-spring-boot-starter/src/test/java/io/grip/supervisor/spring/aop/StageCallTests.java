package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

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
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StageCallTests {

    private final TestSupervisors supervisors = new TestSupervisors();
    private final Shop target = new Shop();

    @Test
    void completesWithTheValue() {
        target.answers(CompletableFuture.completedFuture("paid"));

        assertThat(shop().pay("order")).isCompletedWithValue("paid");
        assertThat(supervisors.heard).containsExactly("start default", "success after 1");
    }

    @Test
    void callsTheMethodAnewAfterAFailedStageAndAfterAThrow() {
        target.answers(CompletableFuture.failedFuture(new IOException("1")));
        target.answers(() -> {
            throw new IllegalStateException("2");
        });
        target.answers(CompletableFuture.completedFuture("paid"));

        assertThat(shop().pay("order")).isCompletedWithValue("paid");
        assertThat(target.calls).containsExactly("order", "order", "order");
    }

    @Test
    void completesWithTheVeryObjectOfTheLastFailure() {
        IOException last = new IOException("3");
        target.answers(CompletableFuture.failedFuture(new IOException("1")));
        target.answers(CompletableFuture.failedFuture(new CompletionException(new IOException("2"))));
        target.answers(CompletableFuture.failedFuture(new CompletionException(last)));

        CompletableFuture<String> paid = shop().pay("order").toCompletableFuture();

        assertThat(failureOf(paid)).isSameAs(last);
        assertThatThrownBy(paid::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isSameAs(last);
        assertThatThrownBy(paid::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isSameAs(last);
    }

    @Test
    void neverThrowsButFailsTheStage() {
        Error panic = new StackOverflowError();
        target.answers(() -> {
            throw panic;
        });

        assertThat(failureOf(shop().pay("order"))).isSameAs(panic);
    }

    @Test
    void failsAnAttemptThatReturnsNoStage() {
        target.answers((Supplier<CompletableFuture<String>>) () -> null);
        target.answers(CompletableFuture.completedFuture("paid"));

        assertThat(shop().pay("order")).isCompletedWithValue("paid");
    }

    @Test
    void completesLaterWithoutHoldingAThread() {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        target.answers(first);
        target.answers(second);

        CompletionStage<String> paid = after(Duration.ofMinutes(1)).pay("order");
        first.completeExceptionally(new IOException("1"));
        assertThat(target.calls).hasSize(1);
        supervisors.time.advance(Duration.ofMinutes(1));
        assertThat(target.calls).hasSize(2);
        assertThat(paid).isNotDone();
        second.complete("paid");

        assertThat(paid).isCompletedWithValue("paid");
    }

    @Test
    void stopsTheRetriesWhenItIsCancelled() {
        target.answers(CompletableFuture.failedFuture(new IOException("1")));

        CompletableFuture<String> paid =
                after(Duration.ofMinutes(1)).pay("order").toCompletableFuture();
        assertThat(paid.cancel(true)).isTrue();
        supervisors.time.advance(Duration.ofHours(1));

        assertThat(target.calls).hasSize(1);
        assertThat(paid).isCancelled();
        assertThat(supervisors.heard).containsExactly("start default", "failure CONTEXT_CANCELLED after 1");
    }

    @Test
    void cancelsTheRunningStageAndGivesThePermitBackBeforeCancelReturns() {
        CompletableFuture<String> running = new CompletableFuture<>();
        Shop one = with(TestSupervisors.THREE_ATTEMPTS.withAdmission(AdmissionPolicy.of(1)));
        target.answers(running);
        target.answers(CompletableFuture.completedFuture("paid"));

        CompletableFuture<String> paid = one.pay("order").toCompletableFuture();
        assertThat(failureOf(one.pay("refused"))).isInstanceOf(AdmissionRejectedException.class);
        paid.cancel(true);

        assertThat(running).isCancelled();
        assertThat(one.pay("next")).isCompletedWithValue("paid");
    }

    @Test
    void takesACompletionFromOutsideForACancel() {
        CompletableFuture<String> running = new CompletableFuture<>();
        target.answers(running);

        CompletableFuture<String> paid = shop().pay("order").toCompletableFuture();
        paid.complete("never mind");

        assertThat(running).isCancelled();
        assertThat(paid).isCompletedWithValue("never mind");
        assertThat(supervisors.heard).containsExactly("start default", "failure CONTEXT_CANCELLED after 1");
    }

    @Test
    void failsAtTheDeadlineAndCancelsTheStage() {
        CompletableFuture<String> running = new CompletableFuture<>();
        target.answers(running);
        Shop limited = with(TestSupervisors.THREE_ATTEMPTS.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))));

        CompletionStage<String> paid = limited.pay("order");
        supervisors.time.advance(Duration.ofSeconds(1));

        assertThat(failureOf(paid)).isInstanceOf(DeadlineExceededException.class);
        assertThat(running).isCancelled();
    }

    @Test
    void retriesAnAttemptThatRanPastItsTimeout() {
        target.answers(new CompletableFuture<>());
        target.answers(CompletableFuture.completedFuture("paid"));
        Shop limited = with(TestSupervisors.THREE_ATTEMPTS.withDeadline(
                DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))));

        CompletionStage<String> paid = limited.pay("order");
        supervisors.time.advance(Duration.ofSeconds(1));

        assertThat(paid).isCompletedWithValue("paid");
    }

    @Test
    void answersFromTheFallbackAfterAFailureARejectionAndTheDeadline() {
        Shop one = with(TestSupervisors.retrying(1)
                .withAdmission(AdmissionPolicy.of(1))
                .withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))));
        target.answers(CompletableFuture.failedFuture(new IOException("1")));
        assertThat(one.payOrNot("order")).isCompletedWithValue("instead of order: IOException");

        target.answers(new CompletableFuture<>());
        CompletionStage<String> late = one.payOrNot("late");
        assertThat(one.payOrNot("refused"))
                .isCompletedWithValue("instead of refused: " + AdmissionRejectedException.class.getSimpleName());
        supervisors.time.advance(Duration.ofSeconds(1));
        assertThat(late).isCompletedWithValue("instead of late: " + DeadlineExceededException.class.getSimpleName());
        assertThat(supervisors.heard)
                .filteredOn(line -> line.startsWith("success"))
                .isEmpty();
    }

    @Test
    void answersFromTheFallbackAfterAnAttemptTimeoutToo() {
        Shop limited = with(TestSupervisors.retrying(1)
                .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))));
        target.answers(new CompletableFuture<>());

        CompletionStage<String> paid = limited.payOrNot("order");
        supervisors.time.advance(Duration.ofSeconds(1));

        assertThat(paid).isCompletedWithValue("instead of order: " + AttemptTimeoutException.class.getSimpleName());
    }

    @Test
    void doesNotAnswerFromTheFallbackAfterAPanicACancelAndAShutdown() {
        Error panic = new AssertionError("panic");
        target.answers(CompletableFuture.failedFuture(panic));
        assertThat(failureOf(shop().payOrNot("order"))).isSameAs(panic);

        target.answers(new CompletableFuture<>());
        CompletableFuture<String> cancelled = shop().payOrNot("order").toCompletableFuture();
        cancelled.cancel(true);
        assertThat(failureOf(cancelled)).isInstanceOf(CancellationException.class);

        supervisors.get("default").close();
        assertThat(failureOf(shop().payOrNot("order"))).isInstanceOf(SupervisorShutdownException.class);
        assertThat(target.fallbacks).isZero();
    }

    @Test
    void failsWithWhatTheFallbackThrowsOrItsStageFailsWith() {
        RuntimeException ofFallback = new IllegalArgumentException("neither");
        failThrice();
        target.fallback = () -> {
            throw ofFallback;
        };
        assertThat(failureOf(shop().payOrNot("order"))).isSameAs(ofFallback);

        failThrice();
        target.fallback = () -> CompletableFuture.failedFuture(ofFallback);
        assertThat(failureOf(shop().payOrNot("order"))).isSameAs(ofFallback);

        failThrice();
        target.fallback = () -> null;
        assertThat(failureOf(shop().payOrNot("order"))).hasMessageContaining("null instead of a CompletionStage");
    }

    @Test
    void cancelsTheStageOfTheFallback() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        failThrice();
        target.fallback = () -> answer;

        shop().payOrNot("order").toCompletableFuture().cancel(true);

        assertThat(answer).isCancelled();
    }

    private void failThrice() {
        for (int i = 0; i < 3; i++) {
            target.answers(CompletableFuture.failedFuture(new IOException("no")));
        }
    }

    private Shop shop() {
        return supervisors.supervised(target);
    }

    private Shop after(Duration delay) {
        return with(TestSupervisors.retryingAfter(delay));
    }

    private Shop with(SupervisorPolicy policy) {
        return supervisors.with("default", policy).supervised(target);
    }

    /** What the stage itself failed with, without what {@code get} and {@code join} put around it. */
    private static @Nullable Throwable failureOf(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture()).isDone();
        Throwable[] failure = new Throwable[1];
        Throwable thrown = catchThrowable(() -> stage.whenComplete((value, failed) -> failure[0] = failed));
        assertThat(thrown).isNull();
        return failure[0];
    }

    static class Shop {

        final List<String> calls = new ArrayList<>();
        private final Deque<Supplier<CompletableFuture<String>>> answers = new ArrayDeque<>();
        private int fallbacks;
        private @Nullable Supplier<CompletableFuture<String>> fallback;

        void answers(CompletableFuture<String> answer) {
            answers.add(() -> answer);
        }

        void answers(Supplier<CompletableFuture<String>> answer) {
            answers.add(answer);
        }

        @Supervised("default")
        public CompletionStage<String> pay(String order) {
            calls.add(order);
            return answers.remove().get();
        }

        @Supervised(policy = "default", fallback = "payLater")
        public CompletableFuture<String> payOrNot(String order) {
            calls.add(order);
            return answers.remove().get();
        }

        protected CompletableFuture<String> payLater(String order, Throwable cause) {
            fallbacks++;
            return fallback != null
                    ? fallback.get()
                    : CompletableFuture.completedFuture(
                            "instead of " + order + ": " + cause.getClass().getSimpleName());
        }
    }
}
