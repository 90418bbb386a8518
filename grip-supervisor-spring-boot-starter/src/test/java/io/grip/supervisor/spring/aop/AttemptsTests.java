package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.spring.Supervised;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.aopalliance.intercept.MethodInterceptor;
import org.aspectj.lang.JoinPoint;
import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.aspectj.annotation.AspectJProxyFactory;
import org.springframework.aop.framework.ProxyFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Every attempt is everything that lies inside supervision, whole. */
class AttemptsTests {

    private final TestSupervisors supervisors = new TestSupervisors();
    private final List<String> log = new ArrayList<>();
    private final Failing target = new Failing(log);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void walksTheInterceptorsFurtherInAgainForEachAttempt(boolean opaque) throws Exception {
        Failing proxy = proxy(opaque);

        assertThat(proxy.value("x")).isEqualTo("x");
        assertThat(log)
                .containsExactly(
                        "inner1", "inner2", "call x", "inner1", "inner2", "call x", "inner1", "inner2", "call x");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void walksThemForStagesAndReactorToo(boolean opaque) {
        Failing proxy = proxy(opaque);

        assertThat(proxy.stage("x").join()).isEqualTo("x");
        assertThat(log).hasSize(9);
        target.failures = 2;
        log.clear();
        assertThat(proxy.mono("x").block()).isEqualTo("x");
        assertThat(log).hasSize(9);
        target.failures = 2;
        log.clear();
        assertThat(proxy.flux("x").blockLast()).isEqualTo("x");
        assertThat(log).hasSize(9);
    }

    @Test
    void startsEachAttemptWithTheArgumentsOfTheCall() throws Exception {
        ProxyFactory factory = factory();
        factory.addAdvice((MethodInterceptor) invocation -> {
            ((ProxyMethodInvocation) invocation).setArguments(invocation.getArguments()[0] + "!");
            return invocation.proceed();
        });

        assertThat(((Failing) factory.getProxy()).value("x")).isEqualTo("x!");
        assertThat(log).containsExactly("call x!", "call x!", "call x!");
    }

    @Test
    void showsOuterInterceptorsOneCall() throws Exception {
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvice((MethodInterceptor) invocation -> {
            log.add("outer");
            return invocation.proceed();
        });
        factory.addAdvisor(supervisors.advisor());

        assertThat(((Failing) factory.getProxy()).value("x")).isEqualTo("x");
        assertThat(log).containsExactly("outer", "call x", "call x", "call x");
    }

    @Test
    void makesTheInvocationKnownToAspectsFurtherInOnOtherThreadsToo() throws Exception {
        TestSupervisors own = new TestSupervisors().customized(builder -> builder.runner(ExecutorRunner.ownThread()));
        AspectJProxyFactory factory = new AspectJProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvisor(own.advisor());
        factory.addAspect(new Audit(log));

        assertThat(factory.<Failing>getProxy().value("x")).isEqualTo("x");
        assertThat(log).containsExactly("before x", "call x", "before x", "call x", "before x", "call x");
    }

    @Test
    void makesTheInvocationKnownToAspectsFurtherInAfterTheCallHasReturned() {
        AspectJProxyFactory factory = new AspectJProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvisor(supervisors.advisor());
        factory.addAspect(new Audit(log));

        Mono<String> later = factory.<Failing>getProxy().mono("x");
        assertThat(log).isEmpty();
        assertThat(later.block()).isEqualTo("x");
        assertThat(log).containsExactly("before x", "call x", "before x", "call x", "before x", "call x");
    }

    @Test
    void supervisesAGenericMethodOnceHoweverItIsCalled() {
        OfStrings generic = new OfStrings();
        OfStrings byClass = supervisors.supervised(generic);
        @SuppressWarnings("unchecked")
        Generic<Object> byInterface = (Generic<Object>) (Generic<?>) byClass;

        assertThat(catchThrowable(() -> byClass.call("x"))).hasMessage("always");
        assertThat(generic.calls).isEqualTo(3);
        assertThat(catchThrowable(() -> byInterface.call("x"))).hasMessage("always");
        assertThat(generic.calls).isEqualTo(6);
    }

    @Test
    void supervisesThroughAProxyOfInterfaces() {
        OfStrings generic = new OfStrings();
        @SuppressWarnings("unchecked")
        Generic<String> proxy = supervisors.supervised(generic, Generic.class);

        assertThat(catchThrowable(() -> proxy.call("x"))).isInstanceOf(IllegalStateException.class);
        assertThat(generic.calls).isEqualTo(3);
        assertThat(supervisors.names()).containsExactly("AttemptsTests.OfStrings.call");
    }

    @Test
    void unwrapsWhatTheProxyWrapsInAStage() {
        target.failures = 3;

        assertThat(catchThrowable(
                        () -> supervisors.supervised(target).stage("x").join()))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    private Failing proxy(boolean opaque) {
        ProxyFactory factory = factory();
        factory.setOpaque(opaque);
        factory.addAdvice(logging("inner1"));
        factory.addAdvice(logging("inner2"));
        return (Failing) factory.getProxy();
    }

    private ProxyFactory factory() {
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(true);
        factory.addAdvisor(supervisors.advisor());
        return factory;
    }

    private MethodInterceptor logging(String line) {
        return invocation -> {
            log.add(line);
            return invocation.proceed();
        };
    }

    @Aspect
    static class Audit {

        private final List<String> log;

        Audit(List<String> log) {
            this.log = log;
        }

        @Before("execution(* io.grip.supervisor.spring.aop.AttemptsTests.Failing.*(..)) && args(argument)")
        public void before(JoinPoint point, String argument) {
            log.add("before " + argument);
        }
    }

    interface Generic<T> {

        @Supervised
        T call(T argument);
    }

    static class OfStrings implements Generic<String> {

        private int calls;

        @Override
        public String call(String argument) {
            calls++;
            throw new IllegalStateException("always");
        }
    }

    /** Fails twice, then returns its argument. */
    static class Failing {

        private final List<String> log;
        private int failures = 2;

        Failing(List<String> log) {
            this.log = log;
        }

        @Supervised
        public String value(String argument) throws IOException {
            log.add("call " + argument);
            if (failures-- > 0) {
                throw new IOException("no");
            }
            return argument;
        }

        @Supervised
        public CompletableFuture<String> stage(String argument) {
            try {
                return CompletableFuture.completedFuture(value(argument));
            } catch (IOException failure) {
                throw Failing.<RuntimeException>sneaky(failure);
            }
        }

        @Supervised
        public Mono<String> mono(String argument) {
            return Mono.fromFuture(stage(argument));
        }

        @Supervised
        public Flux<String> flux(String argument) {
            return mono(argument).flux();
        }

        @SuppressWarnings("unchecked")
        private static <E extends Throwable> E sneaky(Throwable thrown) throws E {
            throw (E) thrown;
        }
    }
}
