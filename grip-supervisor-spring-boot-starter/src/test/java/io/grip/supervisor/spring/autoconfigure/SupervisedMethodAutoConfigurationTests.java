package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.aop.SupervisedAdvisor;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.annotation.Validated;

class SupervisedMethodAutoConfigurationTests {

    private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    AopAutoConfiguration.class,
                    SupervisorAutoConfiguration.class,
                    SupervisedMethodAutoConfiguration.class))
            .withPropertyValues("grip.supervisor.defaults.retry.backoff.type=none")
            .withUserConfiguration(Shop.class);

    @Test
    void supervisesMethodsThatAskForIt() {
        contextRunner.run(context -> {
            assertThat(context.getBean(Payments.class).pay()).isEqualTo("paid at 3");
            assertThat(context.getBean(SupervisorRegistry.class).names())
                    .contains("SupervisedMethodAutoConfigurationTests.Payments.pay");
        });
    }

    @Test
    void supervisesWithoutBootsProxyCreator() {
        contextRunner.withPropertyValues("spring.aop.auto=false").run(context -> {
            assertThat(AopUtils.isCglibProxy(context.getBean(Payments.class))).isTrue();
            assertThat(context.getBean(Payments.class).pay()).isEqualTo("paid at 3");
        });
    }

    @Test
    void supervisesWithoutAspectJ() {
        contextRunner
                .withClassLoader(new FilteredClassLoader("org.aspectj"))
                .run(context ->
                        assertThat(context.getBean(Payments.class).pay()).isEqualTo("paid at 3"));
    }

    @Test
    void supervisesThroughInterfacesWithoutAspectJAndWithoutAProxyCreator() {
        contextRunner
                .withClassLoader(new FilteredClassLoader("org.aspectj"))
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> {
                    assertThat(AopUtils.isJdkDynamicProxy(context.getBean(Billing.class)))
                            .isTrue();
                    assertThat(context.getBean(Billing.class).bill()).isEqualTo("billed at 3");
                });
    }

    @Test
    void supervisesWithoutReactorAndWithoutValidation() {
        contextRunner
                .withClassLoader(new FilteredClassLoader("reactor", "jakarta.validation", "org.reactivestreams"))
                .run(context ->
                        assertThat(context.getBean(Payments.class).pay()).isEqualTo("paid at 3"));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void pullsNoBeanAlongBeforeItsTime(CapturedOutput output) {
        contextRunner.withUserConfiguration(WithPostProcessor.class).run(context -> {
            assertThat(context.getBean(Payments.class).pay()).isEqualTo("paid at 3");
            assertThat(output).doesNotContain("BeanPostProcessorChecker").doesNotContain("not eligible");
        });
    }

    @Test
    void goesStraightOnWhenSwitchedOff() {
        contextRunner.withPropertyValues("grip.supervisor.enabled=false").run(context -> {
            Payments payments = context.getBean(Payments.class);

            assertThatThrownBy(payments::pay).isInstanceOf(IOException.class).hasMessage("1");
            assertThat(context.getBean(SupervisorRegistry.class).names()).isEmpty();
        });
    }

    @Test
    void looksAtNothingWhenSwitchedOff() {
        contextRunner
                .withUserConfiguration(Misspelt.class)
                .run(context -> assertThat(context).hasFailed());
        contextRunner
                .withUserConfiguration(Misspelt.class)
                .withPropertyValues("grip.supervisor.enabled=false")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void standsJustOutsideTransactionsUnlessToldOtherwise() {
        contextRunner.run(context ->
                assertThat(context.getBean(SupervisedAdvisor.class).getOrder()).isEqualTo(Integer.MAX_VALUE - 100));
        contextRunner
                .withPropertyValues("grip.supervisor.order=7")
                .run(context -> assertThat(
                                context.getBean(SupervisedAdvisor.class).getOrder())
                        .isEqualTo(7));
    }

    @Test
    void backsOffForAnAdvisorOfTheApplication() {
        contextRunner
                .withBean(
                        SupervisedAdvisor.class,
                        () -> new SupervisedAdvisor(
                                false,
                                0,
                                () -> {
                                    throw new AssertionError("switched off");
                                },
                                text -> text))
                .run(context -> assertThat(context)
                        .hasSingleBean(SupervisedAdvisor.class)
                        .doesNotHaveBean("gripSupervisedAdvisor"));
    }

    @Test
    void resolvesPlaceholdersOfPolicyAndName() {
        contextRunner
                .withUserConfiguration(Placeholders.class)
                .withPropertyValues("which=slow", "grip.supervisor.policies.slow.retry.max-attempts=2")
                .run(context -> {
                    context.getBean(Placeholders.Bean.class).call();

                    assertThat(context.getBean(SupervisorRegistry.class)
                                    .get("name of slow")
                                    .policy()
                                    .retry())
                            .isEqualTo(context.getBean(SupervisorRegistry.class)
                                    .get("slow")
                                    .policy()
                                    .retry());
                });
    }

    @Test
    void neverRetriesInvalidArguments() {
        contextRunner
                .withConfiguration(AutoConfigurations.of(ValidationAutoConfiguration.class))
                .withUserConfiguration(Validating.class)
                .withPropertyValues(
                        "grip.supervisor.policies.strict.retry.retry-on=jakarta.validation.ConstraintViolationException")
                .run(context -> {
                    Validating.Bean bean = context.getBean(Validating.Bean.class);

                    assertThatThrownBy(() -> bean.call(null)).isInstanceOf(ConstraintViolationException.class);
                    assertThat(bean.call("valid")).isEqualTo("valid");
                    SupervisorPolicy strict = context.getBean(SupervisorRegistry.class)
                            .get("strict")
                            .policy();
                    assertThat(strict.retry().isRetryable(new ConstraintViolationException(java.util.Set.of())))
                            .isFalse();
                });
    }

    public interface Billing {

        @Supervised
        String bill() throws IOException;
    }

    public static class Payments {

        private final AtomicInteger calls = new AtomicInteger();

        @Supervised
        public String pay() throws IOException {
            int call = calls.incrementAndGet();
            if (call < 3) {
                throw new IOException(String.valueOf(call));
            }
            return "paid at " + call;
        }
    }

    public static class Bills implements Billing {

        private int calls;

        @Override
        public String bill() throws IOException {
            if (++calls < 3) {
                throw new IOException("no");
            }
            return "billed at " + calls;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Shop {

        @Bean
        Payments payments() {
            return new Payments();
        }

        @Bean
        Billing billing() {
            return new Bills();
        }
    }

    /** A post-processor without an order is proxied itself where an advisor says so: all advisors are made for it. */
    @Configuration(proxyBeanMethods = false)
    static class WithPostProcessor {

        @Bean
        static BeanPostProcessor unordered() {
            return new BeanPostProcessor() {};
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Misspelt {

        @Supervised("no-such-policy")
        public void call() {}
    }

    @Configuration(proxyBeanMethods = false)
    static class Placeholders {

        @org.springframework.context.annotation.Bean
        Bean bean() {
            return new Bean();
        }

        static class Bean {

            @Supervised(policy = "${which}", name = "name of ${which}")
            public void call() {}
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Validating {

        @org.springframework.context.annotation.Bean
        Bean bean() {
            return new Bean();
        }

        @Validated
        static class Bean {

            @Supervised("strict")
            public @Nullable String call(@NotNull @Nullable String argument) {
                return argument;
            }
        }
    }
}
