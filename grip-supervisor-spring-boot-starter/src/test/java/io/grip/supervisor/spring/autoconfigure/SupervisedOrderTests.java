package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker;
import io.github.resilience4j.retry.annotation.Retry;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.retry.autoconfigure.RetryAutoConfiguration;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisorCustomizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.annotation.Transactional;

/** Where supervision stands among the other annotations on the same method. */
class SupervisedOrderTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> heard = new CopyOnWriteArrayList<>();

    private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    AopAutoConfiguration.class,
                    SupervisorAutoConfiguration.class,
                    SupervisedMethodAutoConfiguration.class))
            .withBean("ears", SupervisorCustomizer.class, () -> (name, builder) -> builder.hooks(new Ears()))
            .withPropertyValues("grip.supervisor.defaults.retry.backoff.type=none");

    @Test
    void eachAttemptIsATransactionOfItsOwn() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class))
                .withPropertyValues("spring.datasource.generate-unique-name=true")
                .withBean(Orders.class)
                .run(context -> {
                    JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
                    jdbc.execute("create table orders (id varchar(10))");
                    Orders orders = context.getBean(Orders.class);

                    orders.place("a");

                    assertThat(jdbc.queryForList("select id from orders", String.class))
                            .containsExactly("a");
                    assertThat(orders.transactions()).hasSize(3);
                    assertThat(heard).containsExactly("start", "success after 3");
                });
    }

    @Test
    void allAttemptsAreOnTheThreadThatAsyncChoosesAndWaitForNoOther() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                .withPropertyValues("spring.task.execution.pool.core-size=1")
                .withUserConfiguration(AsyncOn.class)
                .withBean(Mails.class)
                .run(context -> {
                    Mails mails = context.getBean(Mails.class);

                    assertThat(mails.send("hello")).succeedsWithin(PATIENCE).isEqualTo("sent hello");
                    assertThat(mails.threads())
                            .hasSize(3)
                            .allMatch(name -> name.equals(mails.threads().get(0)))
                            .doesNotContain(Thread.currentThread().getName());
                    assertThat(heard).containsExactly("start", "success after 3");
                });
    }

    @Test
    void failuresAndFallbacksReachTheFutureOfAsync() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                .withUserConfiguration(AsyncOn.class)
                .withBean(Mails.class)
                .run(context -> {
                    Mails mails = context.getBean(Mails.class);

                    assertThat(mails.fail())
                            .failsWithin(PATIENCE)
                            .withThrowableOfType(ExecutionException.class)
                            .havingRootCause()
                            .withMessage("no");
                    assertThat(mails.failOr()).succeedsWithin(PATIENCE).isEqualTo("instead");
                });
    }

    @Test
    void hitsOfACachePassThrough() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(CacheAutoConfiguration.class))
                .withUserConfiguration(CacheOn.class)
                .withBean(Prices.class)
                .run(context -> {
                    Prices prices = context.getBean(Prices.class);

                    assertThat(prices.of("book")).isEqualTo(1);
                    assertThat(prices.of("book")).isEqualTo(1);
                    assertThat(heard).containsExactly("start", "success after 1", "start", "success after 1");
                });
    }

    @Test
    void hitsOfACacheFurtherOutDoNot() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(CacheAutoConfiguration.class))
                .withUserConfiguration(CacheOutside.class)
                .withBean(Prices.class)
                .run(context -> {
                    Prices prices = context.getBean(Prices.class);

                    assertThat(prices.of("book")).isEqualTo(1);
                    assertThat(prices.of("book")).isEqualTo(1);
                    assertThat(heard).containsExactly("start", "success after 1");
                });
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void retriesOfSpringStandOutsideAndMultiplyAndAreWarnedAbout(CapturedOutput output) {
        contextRunner
                .withUserConfiguration(Resilient.class)
                .withBean(Gateway.class)
                .run(context -> {
                    Gateway gateway = context.getBean(Gateway.class);

                    assertThatThrownBy(gateway::always).hasMessage("no");
                    assertThat(gateway.calls()).isEqualTo(9);
                    assertThat(heard).filteredOn("start"::equals).hasSize(3);
                });
        assertThat(output).contains("their attempts multiply");
    }

    @Test
    void theConcurrencyLimitOfSpringStandsOutside() {
        contextRunner
                .withUserConfiguration(Resilient.class)
                .withBean(Gateway.class)
                .run(context -> {
                    Gateway gateway = context.getBean(Gateway.class);

                    assertThat(gateway.limited(gateway)).isEqualTo("InvocationRejectedException");
                    assertThat(heard).containsExactly("start", "success after 1");
                });
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void retriesOfResilience4jStandInsideAndMultiplyAndAreWarnedAbout(CapturedOutput output) {
        withResilience4j()
                .withPropertyValues(
                        "resilience4j.retry.instances.backend.max-attempts=2",
                        "resilience4j.retry.instances.backend.wait-duration=1ms")
                .withBean(Backend.class)
                .run(context -> {
                    Backend backend = context.getBean(Backend.class);

                    assertThatThrownBy(backend::retried).hasMessage("no");
                    assertThat(backend.calls()).isEqualTo(6);
                    assertThat(heard).containsExactly("start", "HANDLER_ERROR after 3");
                });
        assertThat(output)
                .contains("Both @Supervised and @io.github.resilience4j.retry.annotation.Retry are on")
                .contains("their attempts multiply");
    }

    @Test
    void breakersOfResilience4jSeeEachAttempt() {
        withResilience4j().withBean(Backend.class).run(context -> {
            Backend backend = context.getBean(Backend.class);

            assertThatThrownBy(backend::broken).hasMessage("no");
            assertThat(context.getBean(CircuitBreakerRegistry.class)
                            .circuitBreaker("backend")
                            .getMetrics()
                            .getNumberOfFailedCalls())
                    .isEqualTo(3);
        });
    }

    private ApplicationContextRunner withResilience4j() {
        return contextRunner.withConfiguration(
                AutoConfigurations.of(RetryAutoConfiguration.class, CircuitBreakerAutoConfiguration.class));
    }

    private final class Ears implements Hooks {

        @Override
        public void onStart(Execution execution) {
            heard.add("start");
        }

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            heard.add("success after " + result.attempts());
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            heard.add(result.failure() + " after " + result.attempts());
        }
    }

    static class Orders {

        private final JdbcTemplate jdbc;
        private final Set<String> transactions = new LinkedHashSet<>();

        Orders(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Supervised
        @Transactional
        public void place(String id) {
            jdbc.update("insert into orders values (?)", id);
            transactions.add(jdbc.queryForObject("select transaction_id()", String.class));
            if (transactions.size() < 3) {
                throw new IllegalStateException("no");
            }
        }

        public Set<String> transactions() {
            return Collections.unmodifiableSet(transactions);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class AsyncOn {}

    static class Mails {

        private final List<String> threads = new ArrayList<>();

        List<String> threads() {
            return threads;
        }

        @Async
        @Supervised
        public CompletableFuture<String> send(String text) {
            threads.add(Thread.currentThread().getName());
            return threads.size() < 3
                    ? CompletableFuture.failedFuture(new IllegalStateException("no"))
                    : CompletableFuture.completedFuture("sent " + text);
        }

        @Async
        @Supervised
        public CompletableFuture<String> fail() {
            return CompletableFuture.failedFuture(new IllegalStateException("no"));
        }

        @Async
        @Supervised(fallback = "instead")
        public CompletableFuture<String> failOr() {
            throw new IllegalStateException("no");
        }

        CompletableFuture<String> instead() {
            return CompletableFuture.completedFuture("instead");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class CacheOn {}

    @Configuration(proxyBeanMethods = false)
    @EnableCaching(order = 0)
    static class CacheOutside {}

    static class Prices {

        private int calls;

        @Supervised
        @Cacheable("prices")
        public int of(String what) {
            return ++calls;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods
    static class Resilient {}

    static class Gateway {

        private int calls;

        int calls() {
            return calls;
        }

        @Supervised
        @Retryable(maxRetries = 2, delay = 0)
        public void always() {
            calls++;
            throw new IllegalStateException("no");
        }

        @Supervised
        @ConcurrencyLimit(limit = 1, policy = ConcurrencyLimit.ThrottlePolicy.REJECT)
        public String limited(Gateway proxy) {
            try {
                return proxy.limited(proxy);
            } catch (RuntimeException refused) {
                return refused.getClass().getSimpleName();
            }
        }
    }

    static class Backend {

        private int calls;

        int calls() {
            return calls;
        }

        @Supervised
        @Retry(name = "backend")
        public void retried() {
            calls++;
            throw new IllegalStateException("no");
        }

        @Supervised
        @CircuitBreaker(name = "backend")
        public void broken() {
            throw new IllegalStateException("no");
        }
    }
}
