package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.spring.aop.MadeBeans;
import io.grip.supervisor.spring.aop.SupervisedAdvisor;
import io.grip.supervisor.spring.aop.SupervisedBeanCheck;
import jakarta.validation.ConstraintViolationException;
import java.util.HashSet;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.validation.method.MethodValidationException;

/**
 * Supervises the methods that bear {@link io.grip.supervisor.spring.Supervised}.
 *
 * <p>The advisor and the check are made before most other beans and must not pull any of those along, so they read their
 * few settings from the environment; the values are checked with all others.
 */
@AutoConfiguration
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
@Import(AutoProxyCreatorRegistrar.class)
public final class SupervisedMethodAutoConfiguration {

    private static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 100;

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean
    static SupervisedAdvisor gripSupervisedAdvisor(
            Environment environment,
            ConfigurableListableBeanFactory beans,
            ObjectProvider<SupervisorRegistry> registry) {
        return new SupervisedAdvisor(
                isEnabled(environment),
                property(environment, "order", Integer.class, DEFAULT_ORDER),
                registry::getObject,
                beans::resolveEmbeddedValue);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean
    static SupervisedBeanCheck gripSupervisedBeanCheck(
            Environment environment,
            ConfigurableListableBeanFactory beans,
            MadeBeans made,
            ObjectProvider<SupervisorRegistry> registry) {
        return new SupervisedBeanCheck(
                isEnabled(environment),
                property(environment, "checks", StartupChecks.class, StartupChecks.FAIL),
                beans,
                made,
                registry::getObject);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static MadeBeans gripMadeBeans() {
        return new MadeBeans();
    }

    private static boolean isEnabled(Environment environment) {
        return property(environment, "enabled", Boolean.class, true);
    }

    private static <T> T property(Environment environment, String key, Class<T> type, T byDefault) {
        return Binder.get(environment)
                .bind(GripSupervisorProperties.PREFIX + "." + key, type)
                .orElse(byDefault);
    }

    /** Arguments that are invalid once are invalid again; method validation runs inside supervision. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConstraintViolationException.class)
    static final class InvalidArguments {

        @Bean
        static SupervisorCustomizer gripInvalidArgumentsSupervisorCustomizer() {
            return (name, builder) -> builder.policy(neverOnInvalidArguments(builder.policy()));
        }

        private static SupervisorPolicy neverOnInvalidArguments(SupervisorPolicy policy) {
            RetryPolicy retry = policy.retry();
            Set<Class<? extends Throwable>> neverOn =
                    new HashSet<>(retry.throwables().neverOn());
            neverOn.add(ConstraintViolationException.class);
            neverOn.add(MethodValidationException.class);
            return policy.withRetry(new RetryPolicy(
                    retry.maxAttempts(),
                    retry.backoff(),
                    retry.jitter(),
                    retry.throwables().withNeverOn(neverOn)));
        }
    }
}
