package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.lang.reflect.Proxy;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.StubMethod;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.reactivestreams.Publisher;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.PriorityOrdered;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;

/** What someone reads who puts {@code @Supervised} where it cannot work. */
@ExtendWith(OutputCaptureExtension.class)
class SupervisedBeanCheckTests {

    private static final String HERE = SupervisedBeanCheckTests.class.getName() + "$";

    private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    AopAutoConfiguration.class,
                    SupervisorAutoConfiguration.class,
                    SupervisedMethodAutoConfiguration.class));

    @Test
    void aPrivateMethodFails() {
        startFails(contextRunner.withBean("shop", OnPrivate.class))
                .hasWhat("@Supervised on a private method: no proxy can stand before it.")
                .hasWhere("Method: " + HERE + "OnPrivate.pay(String)\nBean: shop")
                .hasAction("Make it public, and call it from another bean.");
    }

    @Test
    void aStaticMethodFails() {
        startFails(contextRunner.withBean("shop", OnStatic.class))
                .hasWhat("@Supervised on a static method: no proxy can stand before it.")
                .hasAction("Make it an instance method, and call it on the bean.");
    }

    @Test
    void aFinalMethodFails() {
        startFails(contextRunner.withBean("shop", OnFinal.class))
                .hasWhat("@Supervised on a final method: a class proxy cannot override it, and a call would run on the"
                        + " proxy, whose fields are null.")
                .hasAction("Remove 'final' (in Kotlin, declare it open).");
    }

    @Test
    void aFinalMethodOfAnAnnotatedClassFailsButNotItsPrivateAndStaticOnes() {
        startFails(contextRunner.withBean("shop", FinalOnClass.class))
                .hasWhere("Method: " + HERE + "FinalOnClass.pay()\nBean: shop");
        contextRunner
                .withBean("shop", NotMeantOnClass.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void aMethodInNoInterfaceFailsBehindAProxyOfInterfaces() {
        startFails(contextRunner
                        .withPropertyValues("spring.aop.proxy-target-class=false")
                        .withBean("shop", OnInterface.class, OfInterface::new))
                .hasWhat("@Supervised on a method that is in none of the interfaces of its class, while the bean has a"
                        + " proxy of these interfaces only.")
                .hasWhere("Method: " + HERE + "OfInterface.own()\nBean: shop")
                .hasAction("Declare the method in an interface, or remove spring.aop.proxy-target-class=false.");
    }

    @Test
    void aBeanMadeTooEarlyFails() {
        startFails(contextRunner.withUserConfiguration(TooEarly.class))
                .hasWhat(
                        "The bean has @Supervised methods, but no proxy that supervises them: it was created too early,"
                                + " or is excluded from proxying.")
                .hasWhere("Method: " + HERE + "Plain.pay()\nBean: plain")
                .hasActionContaining("BeanPostProcessor");
    }

    @Test
    void anUnknownPolicyFailsWithTheNearestKnownOneWhateverTheSeverity() {
        for (String severity : new String[] {"fail", "warn", "off"}) {
            startFails(contextRunner
                            .withPropertyValues(
                                    "grip.supervisor.checks=" + severity,
                                    "grip.supervisor.policies.payment.retry.max-attempts=2")
                            .withBean("shop", OnPaymnet.class))
                    .hasWhat("There is no policy 'paymnet'; the nearest known one is 'payment'.")
                    .hasWhereStartingWith("Method: " + HERE + "OnPaymnet.pay()\nBean: shop")
                    .hasActionContaining("Correct the name");
        }
    }

    @Test
    void aPlaceholderThatCannotBeResolvedFails() {
        startFails(contextRunner.withBean("shop", OnPlaceholder.class))
                .hasWhat("@Supervised says '${no.such}', which cannot be resolved.")
                .hasAction("Set the property, or give it a default: ${property:default}.");
    }

    @Test
    void twoPoliciesUnderOneNameFail() {
        startFails(contextRunner
                        .withPropertyValues(
                                "grip.supervisor.policies.a.retry.max-attempts=2",
                                "grip.supervisor.policies.b.retry.max-attempts=3")
                        .withBean("shop", TwoPolicies.class))
                .hasWhatContaining("'gateway' is asked for with policy 'b', but has policy 'a' already")
                .hasWhereStartingWith("Method: " + HERE + "TwoPolicies.second()\nBean: shop");
    }

    @Test
    void aFallbackThatDoesNotMatchFails() {
        startFails(contextRunner.withBean("shop", BadFallback.class))
                .hasWhatContaining("There is no method to be the fallback 'later' of pay(String)")
                .hasWhere("Method: " + HERE + "BadFallback.pay(String)\nBean: shop")
                .hasActionContaining("Declare String later(String)");
    }

    @Test
    void restartingAlwaysFailsAndNamesWhatToUse() {
        startFails(contextRunner
                        .withPropertyValues("grip.supervisor.policies.worker.restart.mode=always")
                        .withBean("shop", OnWorker.class))
                .hasWhat("Policy 'worker' of this method restarts always, so a call would never return.")
                .hasActionContaining("@SupervisedWorker");
    }

    @Test
    void returnTypesThatNobodyCanSuperviseFailTogether() {
        startFails(contextRunner.withBean("shop", EndsLater.class, () -> Mockito.mock(EndsLater.class)))
                .hasWhat("There are 5 problems with @Supervised:")
                .hasWhereContaining("returns Future: its work goes on, or only begins, after it has returned")
                .hasWhereContaining("returns Publisher")
                .hasWhereContaining("returns Callable")
                .hasWhereContaining("returns DeferredResult")
                .hasWhereContaining("returns WebAsyncTask")
                .hasActionContaining("Return a plain value, CompletionStage, CompletableFuture, Mono or Flux");
    }

    @Test
    void allProblemsOfAStartAreReportedTogether() {
        startFails(contextRunner
                        .withBean("one", OnPrivate.class)
                        .withBean("two", OnPaymnet.class)
                        .withBean("three", BadFallback.class))
                .hasWhat("There are 3 problems with @Supervised:")
                .hasWhereContaining("""
                        2. @Supervised on a private method: no proxy can stand before it.
                           Method: %sOnPrivate.pay(String)
                           Bean: one
                        3. There is no method to be the fallback""".formatted(HERE))
                .hasWhereContaining("Bean: two")
                .hasWhereContaining("Bean: three")
                .hasActionContaining(
                        "2. Make it public, and call it from another bean.\n3. Declare String later(String)");
    }

    @Test
    void theProblemsAreShownAsBootShowsAFailureToStart(CapturedOutput output) {
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> new SpringApplicationBuilder(TwoMistakes.class)
                        .web(WebApplicationType.NONE)
                        .run());

        assertThat(output).contains("""
                ***************************
                APPLICATION FAILED TO START
                ***************************

                Description:

                There are 2 problems with @Supervised:

                    1. @Supervised on a private method: no proxy can stand before it.
                       Method: %1$sOnPrivate.pay(String)
                       Bean: one
                    2. There is no method to be the fallback 'later' of pay(String): the class declares the methods pay.
                       Method: %1$sBadFallback.pay(String)
                       Bean: two

                Action:

                1. Make it public, and call it from another bean.
                2. Declare String later(String) in %1$sBadFallback, if you like with a last parameter of type Throwable, or correct the name.
                """.formatted(HERE));
    }

    @Test
    void lazyBeansAndPrototypesFailTheStartToo() {
        startFails(contextRunner.withUserConfiguration(NotMadeYet.class))
                .hasWhat("There are 2 problems with @Supervised:")
                .hasWhereContaining("Bean: lazy")
                .hasWhereContaining("Bean: prototype");
    }

    @Test
    void aBeanThatCannotBeLookedIntoIsLeftToWhoeverAsksForIt() {
        TypeDescription missing =
                new ByteBuddy().makeInterface().name("missing.Type").make().getTypeDescription();
        Class<?> unreadable = new ByteBuddy()
                .subclass(Object.class)
                .defineMethod("use", void.class, Visibility.PUBLIC)
                .withParameters(missing)
                .intercept(StubMethod.INSTANCE)
                .make()
                .load(getClass().getClassLoader())
                .getLoaded();
        contextRunner
                .withInitializer(context -> {
                    RootBeanDefinition definition = new RootBeanDefinition(unreadable);
                    definition.setLazyInit(true);
                    ((BeanDefinitionRegistry) context.getBeanFactory()).registerBeanDefinition("lazy", definition);
                })
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void aBeanMadeAfterTheStartFailsByItself() {
        contextRunner.run(context -> assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> context.getAutowireCapableBeanFactory().initializeBean(new OnPrivate(), "late"))
                .satisfies(problem -> assertThat(problem.where()).endsWith("Bean: late")));
    }

    @Test
    void problemsAreWarningsOrNothingWhereThePropertySaysSo(CapturedOutput output) {
        contextRunner
                .withBean("shop", OnPrivate.class)
                .withPropertyValues("grip.supervisor.checks=warn")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).contains("WARN").contains("@Supervised on a private method");
        int length = output.length();
        contextRunner
                .withBean("shop", OnPrivate.class)
                .withPropertyValues("grip.supervisor.checks=off")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output.toString().substring(length)).doesNotContain("@Supervised");
    }

    @Test
    void aMethodWithABadFallbackIsSupervisedWithoutItWhereThatIsAWarning() {
        contextRunner
                .withBean("shop", BadFallback.class)
                .withPropertyValues("grip.supervisor.checks=warn")
                .run(context -> assertThat(context.getBean(BadFallback.class).pay("order"))
                        .isEqualTo("order"));
    }

    @Test
    void retriesThatMultiplyAreWarnedAbout(CapturedOutput output) {
        contextRunner
                .withBean("shop", TwoRetries.class)
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(output)
                .contains("Both @Supervised and @org.springframework.resilience.annotation.Retryable are on " + HERE
                        + "TwoRetries.pay() of bean 'shop'")
                .contains("their attempts multiply");
    }

    @Test
    void retriesThatCannotMultiplyAreNotWarnedAbout(CapturedOutput output) {
        contextRunner
                .withBean("shop", TwoRetries.class)
                .withPropertyValues("grip.supervisor.defaults.retry.max-attempts=1")
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(output).doesNotContain("multiply");
    }

    @Test
    void callsThatAnObjectMakesOnItselfAreWarnedAbout(CapturedOutput output) {
        contextRunner
                .withBean("shop", CallsItself.class)
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(output)
                .contains("Calls that an object makes on itself pass by its proxy and are not supervised")
                .contains("payAll calls pay");
    }

    @Test
    void classesThatShareANameNobodyChoseAreWarnedAbout(CapturedOutput output) {
        contextRunner
                .withBean("one", Plain.class)
                .withBean("two", SupervisedElsewhere.class)
                .withBean("three", io.grip.supervisor.spring.aop.SupervisedElsewhere.class)
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(output)
                .contains("Methods of io.grip.supervisor.spring.aop.SupervisedElsewhere and"
                        + " io.grip.supervisor.spring.autoconfigure.SupervisedElsewhere share the supervisor"
                        + " 'SupervisedElsewhere.pay', which is only named after them.")
                .doesNotContain("SupervisedBeanCheckTests.Plain.pay");
    }

    @Test
    void soundBeansOfEveryKindAreSupervisedAndGiveNoWarning(CapturedOutput output) {
        contextRunner.withUserConfiguration(Sound.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(SupervisorRegistry.class).names())
                    .as("known before the first call")
                    .contains("SupervisedBeanCheckTests.OnRepository.find");
            context.getBean("scoped", Plain.class).pay();
            context.getBean("product", OnInterface.class).pay();
            context.getBean("client", OnInterface.class).pay();
            context.getBean("repository", OnRepository.class).find();
            context.getBean("prototypeSound", Plain.class).pay();
            context.getBean("prototypeSound", Plain.class).pay();
            assertThat(context.getBean(SupervisorRegistry.class).names())
                    .contains(
                            "SupervisedBeanCheckTests.Plain.pay",
                            "SupervisedBeanCheckTests.OfInterface.pay",
                            "SupervisedBeanCheckTests.OnInterface.pay");
        });

        assertThat(OwnWarnings.in(output)).isEmpty();
    }

    @Test
    void beansThatATestPutsInPlaceOfOthersAreLeftAlone() {
        contextRunner
                .withInitializer(context -> context.getBeanFactory().registerSingleton("mock", new Plain()))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void aBeanThatIsWrappedAfterwardsIsNotMistakenForOneWithoutAProxy() {
        contextRunner
                .withUserConfiguration(WrapsAll.class)
                .withBean("shop", OnInterface.class, PlainOfInterface::new)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean("shop")).isInstanceOf(Wrapper.class);
                });
    }

    private static FailureAssert startFails(ApplicationContextRunner runner) {
        FailureAssert[] result = new FailureAssert[1];
        runner.run(context -> {
            assertThat(context).hasFailed();
            Throwable failure = context.getStartupFailure();
            while (!(failure instanceof SupervisionConfigurationException) && failure.getCause() != null) {
                failure = failure.getCause();
            }
            assertThat(failure).isInstanceOf(SupervisionConfigurationException.class);
            result[0] = new FailureAssert((SupervisionConfigurationException) failure);
        });
        return result[0];
    }

    private record FailureAssert(SupervisionConfigurationException failure) {

        FailureAssert hasWhat(String what) {
            assertThat(failure.what()).isEqualTo(what);
            return this;
        }

        FailureAssert hasWhatContaining(String what) {
            assertThat(failure.what()).contains(what);
            return this;
        }

        FailureAssert hasWhere(String where) {
            assertThat(failure.where()).isEqualTo(where);
            return this;
        }

        FailureAssert hasWhereStartingWith(String where) {
            assertThat(failure.where()).startsWith(where);
            return this;
        }

        FailureAssert hasWhereContaining(String where) {
            assertThat(failure.where()).contains(where);
            return this;
        }

        FailureAssert hasAction(String action) {
            assertThat(failure.action()).isEqualTo(action);
            return this;
        }

        FailureAssert hasActionContaining(String action) {
            assertThat(failure.action()).contains(action);
            return this;
        }
    }

    static class Plain {

        @Supervised
        public void pay() {}
    }

    static class OnPrivate {

        @Supervised
        private String pay(String order) {
            return order;
        }
    }

    static class OnStatic {

        @Supervised
        public static void pay() {}
    }

    static class OnFinal {

        @Supervised
        public final void pay() {}
    }

    @Supervised
    static class FinalOnClass {

        public final void pay() {}
    }

    static class Inherited {

        public final void inheritedFinal() {}
    }

    @Supervised
    static class NotMeantOnClass extends Inherited {

        public void pay() {}

        private void hidden() {}

        public static void ofClass() {}
    }

    interface OnInterface {

        @Supervised
        void pay();
    }

    interface OnRepository {

        @Supervised
        void find();
    }

    static class OfInterface implements OnInterface {

        @Override
        public void pay() {}

        @Supervised
        public void own() {}
    }

    static class PlainOfInterface implements OnInterface {

        @Override
        public void pay() {}
    }

    static class OnPaymnet {

        @Supervised("paymnet")
        public void pay() {}
    }

    static class OnPlaceholder {

        @Supervised("${no.such}")
        public void pay() {}
    }

    static class TwoPolicies {

        @Supervised(policy = "a", name = "gateway")
        public void first() {}

        @Supervised(policy = "b", name = "gateway")
        public void second() {}
    }

    static class BadFallback {

        @Supervised(fallback = "later")
        public String pay(String order) {
            return order;
        }
    }

    static class OnWorker {

        @Supervised("worker")
        public void pay() {}
    }

    @Supervised
    interface EndsLater {

        Future<String> future();

        Publisher<String> publisher();

        Callable<String> callable();

        DeferredResult<String> deferred();

        WebAsyncTask<String> asyncTask();
    }

    static class TwoRetries {

        @Supervised
        @Retryable
        public void pay() {}
    }

    static class CallsItself {

        @Supervised
        public void pay() {}

        public void payAll() {
            pay();
        }
    }

    static class NeedsPlain implements BeanPostProcessor, PriorityOrdered {

        @Override
        public int getOrder() {
            return 0;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({SupervisorAutoConfiguration.class, SupervisedMethodAutoConfiguration.class})
    static class TwoMistakes {

        @Bean
        OnPrivate one() {
            return new OnPrivate();
        }

        @Bean
        BadFallback two() {
            return new BadFallback();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TooEarly {

        @Bean
        static Plain plain() {
            return new Plain();
        }

        @Bean
        static NeedsPlain needsPlain(Plain plain) {
            return new NeedsPlain();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NotMadeYet {

        @Bean
        @Lazy
        OnFinal lazy() {
            throw new AssertionError("nobody asks for it");
        }

        @Bean
        @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
        BadFallback prototype() {
            throw new AssertionError("nobody asks for it");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Sound {

        @Bean
        @Scope(scopeName = ConfigurableBeanFactory.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.TARGET_CLASS)
        Plain scoped() {
            return new Plain();
        }

        @Bean
        @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
        Plain prototypeSound() {
            return new Plain();
        }

        /** Nothing but a proxy, as the clients are that Spring makes of annotated interfaces. */
        @Bean
        OnInterface client() {
            return (OnInterface) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {OnInterface.class},
                    (proxy, method, arguments) -> null);
        }

        /** A proxy of Spring's around an object of another class, as repositories are. */
        @Bean
        OnRepository repository() {
            ProxyFactory factory = new ProxyFactory(new Object());
            factory.setInterfaces(OnRepository.class);
            factory.addAdvice((MethodInterceptor) invocation -> null);
            return (OnRepository) factory.getProxy();
        }

        @Bean
        FactoryBean<OnInterface> product() {
            return new FactoryBean<>() {
                @Override
                public OnInterface getObject() {
                    return new OfInterface();
                }

                @Override
                public Class<?> getObjectType() {
                    return OnInterface.class;
                }
            };
        }
    }

    record Wrapper(OnInterface wrapped) implements OnInterface {

        @Override
        public void pay() {
            wrapped.pay();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WrapsAll {

        /** Not ordered, and so later than all that are. */
        @Bean
        static BeanPostProcessor wrapsAll() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof OnInterface shop ? new Wrapper(shop) : bean;
                }
            };
        }
    }
}
