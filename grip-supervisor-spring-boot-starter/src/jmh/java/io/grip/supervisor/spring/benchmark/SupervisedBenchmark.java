package io.grip.supervisor.spring.benchmark;

import io.github.resilience4j.bulkhead.annotation.Bulkhead;
import io.github.resilience4j.retry.annotation.Retry;
import io.github.resilience4j.springboot.bulkhead.autoconfigure.BulkheadAutoConfiguration;
import io.github.resilience4j.springboot.retry.autoconfigure.RetryAutoConfiguration;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.autoconfigure.SupervisedMethodAutoConfiguration;
import io.grip.supervisor.spring.autoconfigure.SupervisorAutoConfiguration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.retry.annotation.EnableRetry;

/** What an annotation costs per call of a bean (S7): through a class proxy, and the first attempt succeeds. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SupervisedBenchmark {

    private static final String SETTINGS = "grip.supervisor.policies.limited.";

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private Shop doNothing;
    private SupervisedShop supervised;
    private SpringShop spring;
    private SpringRetryShop springRetry;
    private Resilience4jShop resilience4j;

    /** A class for each, since one annotation can make a proxy dearer for all methods of a class. */
    public static class Shop {

        public int call(int order) {
            return order + 1;
        }
    }

    public static class SupervisedShop {

        @Supervised("plain")
        public int call(int order) {
            return order + 1;
        }

        @Supervised("limited")
        public int limited(int order) {
            return order + 1;
        }
    }

    public static class SpringShop {

        @Retryable
        public int call(int order) {
            return order + 1;
        }
    }

    public static class SpringRetryShop {

        @org.springframework.retry.annotation.Retryable
        public int call(int order) {
            return order + 1;
        }
    }

    public static class Resilience4jShop {

        @Retry(name = "shop")
        public int call(int order) {
            return order + 1;
        }

        @Retry(name = "shop")
        @Bulkhead(name = "shop")
        public int limited(int order) {
            return order + 1;
        }
    }

    @EnableResilientMethods
    @EnableRetry
    static class Resilient {}

    /** A proxy that does nothing is what everything else is measured by. */
    static final class DoNothing implements MethodInterceptor {

        @Override
        public Object invoke(MethodInvocation invocation) throws Throwable {
            return invocation.proceed();
        }
    }

    @Setup
    public void start() {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "benchmark",
                        Map.of(
                                "grip.supervisor.policies.plain.retry.max-attempts",
                                "3",
                                SETTINGS + "retry.max-attempts",
                                "3",
                                SETTINGS + "deadline.timeout",
                                "10s",
                                SETTINGS + "admission.max-concurrency",
                                "64")));
        context.register(
                AopAutoConfiguration.class,
                SupervisorAutoConfiguration.class,
                SupervisedMethodAutoConfiguration.class,
                RetryAutoConfiguration.class,
                BulkheadAutoConfiguration.class,
                Resilient.class,
                SupervisedShop.class,
                SpringShop.class,
                SpringRetryShop.class,
                Resilience4jShop.class);
        context.refresh();
        supervised = context.getBean(SupervisedShop.class);
        spring = context.getBean(SpringShop.class);
        springRetry = context.getBean(SpringRetryShop.class);
        resilience4j = context.getBean(Resilience4jShop.class);
        ProxyFactory factory = new ProxyFactory(new Shop());
        factory.setProxyTargetClass(true);
        factory.addAdvice(new DoNothing());
        doNothing = (Shop) factory.getProxy();
    }

    @TearDown
    public void stop() {
        context.close();
    }

    @Benchmark
    public int doNothingProxy() {
        return doNothing.call(41);
    }

    @Benchmark
    public int supervised() {
        return supervised.call(41);
    }

    @Benchmark
    public int supervisedWithAdmissionAndDeadline() {
        return supervised.limited(41);
    }

    @Benchmark
    public int springRetryable() {
        return spring.call(41);
    }

    @Benchmark
    public int springRetry() {
        return springRetry.call(41);
    }

    @Benchmark
    public int resilience4jRetry() {
        return resilience4j.call(41);
    }

    @Benchmark
    public int resilience4jRetryAndBulkhead() {
        return resilience4j.limited(41);
    }
}
