package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.spring.Supervised;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.target.HotSwappableTargetSource;

class ValueCallTests {

    private final TestSupervisors supervisors = new TestSupervisors();
    private final Shop target = new Shop();
    private final Shop shop = supervisors.supervised(target);

    @AfterEach
    void leavesNoInterruptBehind() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void returnsTheValueOfTheFirstAttempt() throws Exception {
        target.answers("paid");

        assertThat(shop.pay("order")).isEqualTo("paid");
        assertThat(target.calls).containsExactly("order");
        assertThat(supervisors.heard).containsExactly("start default", "success after 1");
    }

    @Test
    void callsTheMethodAnewForEachAttemptWithItsArguments() throws Exception {
        target.answers(new IOException("1"), new IOException("2"), "paid");

        assertThat(shop.pay("order")).isEqualTo("paid");
        assertThat(target.calls).containsExactly("order", "order", "order");
        assertThat(supervisors.heard).containsExactly("start default", "success after 3");
    }

    @Test
    void throwsTheVeryObjectOfTheLastAttempt() {
        IOException last = new IOException("3");
        target.answers(new IOException("1"), new IOException("2"), last);

        assertThatThrownBy(() -> shop.pay("order")).isSameAs(last);
        assertThat(last.getSuppressed()).isEmpty();
    }

    @Test
    void throwsAnErrorAsItIs() {
        Error panic = new StackOverflowError("deep");
        target.answers(panic);

        assertThatThrownBy(() -> shop.pay("order")).isSameAs(panic);
        assertThat(target.calls).hasSize(1);
    }

    @Test
    void returnsNullNothingAndPrimitives() throws Exception {
        target.answers((Object) null);
        assertThat(shop.pay("order")).isNull();

        target.answers(new IOException("1"), null);
        shop.notifyShop();

        target.answers(new IOException("1"), 42);
        assertThat(shop.count()).isEqualTo(42);
    }

    @Test
    void tellsTheCallerOfAnInterruptAsTheMethodDeclaresIt() {
        target.answers((Callable<Object>) () -> {
            Thread.currentThread().interrupt();
            throw new InterruptedException("stop");
        });

        assertThatThrownBy(() -> shop.payInterruptibly("order"))
                .isExactlyInstanceOf(InterruptedException.class)
                .hasMessage("stop");
        assertThat(Thread.interrupted()).isFalse();
        assertThat(target.calls).hasSize(1);
    }

    @Test
    void tellsTheCallerOfAnInterruptThatTheMethodDoesNotDeclareByTheFlagAndACancellation() {
        InterruptedException interrupted = new InterruptedException("stop");
        target.answers((Callable<Object>) () -> {
            throw interrupted;
        });

        assertThatThrownBy(() -> shop.count())
                .isExactlyInstanceOf(CancellationException.class)
                .hasCause(interrupted);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void tellsTheCallerOfAnInterruptDuringTheWaitForARetry() {
        TestSupervisors waiting =
                new TestSupervisors().with("default", TestSupervisors.retryingAfter(Duration.ofMinutes(1)));
        target.answers((Callable<Object>) () -> {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("failed");
        });

        assertThatThrownBy(() -> waiting.supervised(target).count()).isExactlyInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(target.calls).hasSize(1);
    }

    @Test
    void leavesAForeignInterruptToAMethodWithAFallbackAsItDoesWithoutOne() {
        target.answers((Callable<Object>) () -> {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("failed");
        });

        assertThatThrownBy(() -> shop.payOrNot("order"))
                .isExactlyInstanceOf(CancellationException.class)
                .cause()
                .isInstanceOf(InterruptedException.class)
                .hasRootCauseMessage("failed");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void tellsACancelledContextFromAnInterruptThatCameAlong() {
        target.answers((Callable<Object>) () -> {
            ExecutionContext.current().cancel();
            throw new IllegalStateException("cancelled");
        });
        supervisors.customized(builder -> builder.hooks(new Hooks() {
            @Override
            public void onFailure(Execution execution, Result<?> result) {
                Thread.currentThread().interrupt();
            }
        }));

        assertThatThrownBy(() -> shop.payOrNot("order"))
                .isInstanceOf(CancellationException.class)
                .cause()
                .isNotInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void leavesACheckedExceptionThatIsNotDeclaredToTheProxyAndShowsItselfToTheFallback() {
        IOException sneaky = new IOException("sneaky");
        target.answers(sneaky, sneaky, sneaky);

        assertThatExceptionOfType(UndeclaredThrowableException.class)
                .isThrownBy(shop::count)
                .havingCause()
                .isSameAs(sneaky);

        target.answers(sneaky, sneaky, sneaky);
        assertThat(shop.payOrNot("order")).isEqualTo("instead of order: java.io.IOException: sneaky");
    }

    @Test
    void answersFromTheFallbackAfterAFailure() {
        target.answers(new IllegalStateException("1"), new IllegalStateException("2"), new IllegalStateException("3"));
        target.inFallback = () -> supervisors.heard.add("fallback");

        assertThat(shop.payOrNot("order")).isEqualTo("instead of order: java.lang.IllegalStateException: 3");
        assertThat(supervisors.heard).containsExactly("start default", "failure HANDLER_ERROR after 3", "fallback");
    }

    @Test
    void answersFromTheFallbackAfterARejectionWithoutThePermit() {
        TestSupervisors one = new TestSupervisors()
                .with("default", TestSupervisors.THREE_ATTEMPTS.withAdmission(AdmissionPolicy.of(1)));
        Shop narrow = one.supervised(target);
        Deque<String> inner = new ArrayDeque<>();
        target.answers((Callable<Object>) () -> {
            // The permit is taken by this call; from another thread, it is refused.
            Thread other = new Thread(() -> inner.add(narrow.payOrNot("other")));
            other.start();
            other.join();
            return "paid";
        });

        assertThat(narrow.payOrNot("order")).isEqualTo("paid");
        assertThat(inner)
                .singleElement()
                .asString()
                .contains("instead of other", AdmissionRejectedException.class.getName());
    }

    @Test
    void callsTheFallbackWithoutHoldingThePermitOrTheDeadline() {
        TestSupervisors one = new TestSupervisors()
                .with(
                        "default",
                        TestSupervisors.THREE_ATTEMPTS
                                .withAdmission(AdmissionPolicy.of(1))
                                .withDeadline(DeadlinePolicy.of(Duration.ofHours(1))));
        target.answers(new IllegalStateException("1"), new IllegalStateException("2"), new IllegalStateException("3"));
        target.inFallback = () -> {
            assertThat(one.get("default").inFlight()).isZero();
            assertThat(ExecutionContext.current().remaining()).isEmpty();
        };

        assertThat(one.supervised(target).payOrNot("order")).startsWith("instead of order");
    }

    @Test
    void answersFromTheFallbackAfterThePassedDeadline() {
        TestSupervisors limited = new TestSupervisors();
        limited.with("default", TestSupervisors.THREE_ATTEMPTS.withDeadline(DeadlinePolicy.of(Duration.ofSeconds(1))));
        target.answers((Callable<Object>) () -> {
            limited.time.advance(Duration.ofSeconds(2));
            throw new IllegalStateException("late");
        });

        assertThat(limited.supervised(target).payOrNot("order"))
                .contains("instead of order", DeadlineExceededException.class.getName());
    }

    @Test
    void answersFromTheFallbackAfterAnAttemptTimeout() {
        TestSupervisors limited = new TestSupervisors();
        limited.with(
                "default",
                TestSupervisors.retrying(1)
                        .withDeadline(DeadlinePolicy.none().withAttemptTimeout(Duration.ofSeconds(1))));
        target.answers((Callable<Object>) () -> {
            limited.time.advance(Duration.ofSeconds(2));
            throw new IllegalStateException("late");
        });

        assertThat(limited.supervised(target).payOrNot("order"))
                .contains("instead of order", AttemptTimeoutException.class.getName());
    }

    @Test
    void doesNotAnswerFromTheFallbackAfterAPanicACancellationAndAShutdown() {
        Error panic = new AssertionError("panic");
        target.inFallback = () -> supervisors.heard.add("fallback");
        target.answers(panic);
        assertThatThrownBy(() -> shop.payOrNot("order")).isSameAs(panic);

        target.answers((Callable<Object>) () -> {
            ExecutionContext.current().cancel();
            throw new CancellationException("cancelled");
        });
        assertThatThrownBy(() -> shop.payOrNot("order")).isInstanceOf(CancellationException.class);

        supervisors.get("default").close();
        assertThatThrownBy(() -> shop.payOrNot("order")).isInstanceOf(SupervisorShutdownException.class);
        assertThat(supervisors.heard).doesNotContain("fallback");
    }

    @Test
    void throwsWhatTheFallbackThrows() {
        target.answers(new IllegalStateException("1"), new IllegalStateException("2"), new IllegalStateException("3"));
        IllegalArgumentException ofFallback = new IllegalArgumentException("neither");
        target.inFallback = () -> {
            throw ofFallback;
        };

        assertThatThrownBy(() -> shop.payOrNot("order")).isSameAs(ofFallback);
    }

    @Test
    void makesAttemptsOnThreadsOfTheirOwnWhereThePolicySaysSo() throws Exception {
        TestSupervisors own = new TestSupervisors().customized(builder -> builder.runner(ExecutorRunner.ownThread()));
        Thread caller = Thread.currentThread();
        target.answers(
                (Callable<Object>) () -> {
                    assertThat(Thread.currentThread()).isNotSameAs(caller);
                    throw new IOException("1");
                },
                "paid");

        assertThat(own.supervised(target).pay("order")).isEqualTo("paid");
    }

    @Test
    void sharesTheSupervisorOfANameAndNamesTheOthersAfterTheirMethod() throws Exception {
        target.answers("a", "b", "c");
        shop.pay("order");
        shop.payInterruptibly("order");
        shop.plain();

        assertThat(supervisors.names()).containsExactlyInAnyOrder("default", "ValueCallTests.Shop.plain");
    }

    @Test
    void leavesMethodsWithoutTheAnnotationAlone() {
        assertThat(shop.unsupervised()).isEqualTo("plain");
        assertThat(shop.toString()).isEqualTo("shop");
        assertThat(supervisors.names()).isEmpty();
    }

    @Test
    void goesStraightOnWhereSupervisionIsOff() throws Exception {
        SupervisedInterceptor off = new SupervisedInterceptor(
                false,
                new SupervisedCalls(
                        () -> {
                            throw new AssertionError("nobody asks for the registry");
                        },
                        text -> text));
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvice(off);
        IOException thrown = new IOException("1");
        target.answers(thrown, "paid");

        Shop unsupervised = (Shop) factory.getProxy();
        assertThat(catchThrowable(() -> unsupervised.pay("order"))).isSameAs(thrown);
        assertThat(unsupervised.pay("order")).isEqualTo("paid");
    }

    @Test
    void sharesNothingBetweenClassesThatInheritOneMethod() throws Exception {
        supervisors.supervised(new Left()).call();
        supervisors.supervised(new Right()).call();
        supervisors.supervised(new Left()).call();

        assertThat(supervisors.names())
                .containsExactlyInAnyOrder("ValueCallTests.Left.call", "ValueCallTests.Right.call");
    }

    @Test
    void followsATargetThatIsSwappedForOneOfAnotherClass() {
        HotSwappableTargetSource swappable = new HotSwappableTargetSource(new Left());
        ProxyFactory factory = new ProxyFactory();
        factory.setTargetClass(Base.class);
        factory.setTargetSource(swappable);
        factory.setProxyTargetClass(true);
        factory.addAdvisor(supervisors.advisor());
        Base proxy = (Base) factory.getProxy();

        proxy.call();
        swappable.swap(new Right());
        proxy.call();
        assertThat(supervisors.names())
                .containsExactlyInAnyOrder("ValueCallTests.Left.call", "ValueCallTests.Right.call");

        supervisors.get("ValueCallTests.Right.call").close();
        assertThatExceptionOfType(SupervisorShutdownException.class).isThrownBy(proxy::call);
        swappable.swap(new Left());
        proxy.call();
    }

    @Test
    void keepsTheMethodsApartThatOneInterceptorIsPutBefore() throws Exception {
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvice(supervisors.advisor().getAdvice());
        Shop byOne = (Shop) factory.getProxy();
        target.answers("paid", "plain");

        byOne.pay("order");
        byOne.plain();
        assertThat(byOne.unsupervised()).isEqualTo("plain");
        assertThat(supervisors.heard)
                .containsExactly(
                        "start default", "success after 1", "start ValueCallTests.Shop.plain", "success after 1");
    }

    static class Base {

        @Supervised
        public void call() {}
    }

    static class Left extends Base {}

    static class Right extends Base {}

    /** Answers as it is told: values, throwables to throw, code to run. */
    static class Shop {

        private final Deque<Object> answers = new ArrayDeque<>();
        final List<String> calls = new ArrayList<>();
        Runnable inFallback = () -> {};

        void answers(Object... all) {
            calls.clear();
            answers.clear();
            // A deque holds no null.
            Arrays.stream(all)
                    .map(answer -> answer == null ? Void.TYPE : answer)
                    .forEach(answers::add);
        }

        @Supervised("default")
        public String pay(String order) throws IOException {
            return (String) next(order);
        }

        @Supervised("default")
        public String payInterruptibly(String order) throws InterruptedException {
            return (String) next(order);
        }

        @Supervised(policy = "default", fallback = "payLater")
        public String payOrNot(String order) {
            return (String) next(order);
        }

        private String payLater(String order, Throwable cause) {
            inFallback.run();
            return "instead of " + order + ": " + cause;
        }

        @Supervised("default")
        public void notifyShop() {
            next("nothing");
        }

        @Supervised("default")
        public int count() {
            return (int) next("count");
        }

        @Supervised
        public void plain() {
            next("plain");
        }

        public String unsupervised() {
            return "plain";
        }

        @Override
        public String toString() {
            return "shop";
        }

        private Object next(String call) {
            calls.add(call);
            Object answer = answers.remove();
            if (answer instanceof Throwable thrown) {
                throw Shop.<RuntimeException>sneaky(thrown);
            }
            if (answer instanceof Callable<?> code) {
                try {
                    return code.call();
                } catch (Exception thrown) {
                    throw Shop.<RuntimeException>sneaky(thrown);
                }
            }
            return answer == Void.TYPE ? null : answer;
        }

        @SuppressWarnings("unchecked")
        private static <E extends Throwable> E sneaky(Throwable thrown) throws E {
            throw (E) thrown;
        }
    }
}
