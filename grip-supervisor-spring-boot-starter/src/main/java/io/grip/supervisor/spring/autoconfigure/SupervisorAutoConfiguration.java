package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.slf4j.MDC;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClientResponseException;

/** The registry of supervisors, and each policy's supervisor as a bean; what observes and applies them comes on top. */
@AutoConfiguration(after = TaskExecutionAutoConfiguration.class)
@EnableConfigurationProperties(GripSupervisorProperties.class)
@ImportRuntimeHints(LimitHints.class)
public final class SupervisorAutoConfiguration {

    @Bean
    static PolicySupervisors gripPolicySupervisors(Environment environment) {
        return new PolicySupervisors(environment);
    }

    /**
     * Not lazy, so that a policy that cannot work fails the start of a lazy application too. Of each context its own, so
     * that supervisors live and die with the context whose policies they have.
     */
    @Bean
    @Lazy(false)
    @ConditionalOnMissingBean(value = SupervisorRegistry.class, search = SearchStrategy.CURRENT)
    DefaultSupervisorRegistry gripSupervisorRegistry(
            GripSupervisorProperties properties,
            Environment environment,
            ConfigurableListableBeanFactory beanFactory,
            ObjectProvider<SupervisorCustomizer> customizers) {
        return new DefaultSupervisorRegistry(
                new ConfiguredPolicies(properties, environment),
                properties.enabled(),
                policy -> PolicySupervisors.ownOfApplication(policy, beanFactory)
                        .map(bean -> beanFactory.getBean(bean, Supervisor.class)),
                () -> customizers.orderedStream().toList());
    }

    @Bean
    LivePolicies gripLivePolicies(
            ObjectProvider<DefaultSupervisorRegistry> registry,
            GripSupervisorProperties properties,
            Environment environment) {
        return new LivePolicies(registry::getIfAvailable, properties, environment, InstantSource.system());
    }

    @Bean
    static EnvironmentChanges gripEnvironmentChanges(
            Environment environment,
            ObjectProvider<DefaultSupervisorRegistry> registries,
            ObjectProvider<LivePolicies> live) {
        return new EnvironmentChanges(environment, registries, live);
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SupervisorCustomizer gripContextCarrierCustomizer(ObjectProvider<ContextCarrier> carrier) {
        return (supervisor, builder) -> carrier.ifUnique(builder::carrier);
    }

    /** Boot's own executor, by the name under which the rest of Spring looks for it; without it the core's default. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SupervisorCustomizer gripExecutorCustomizer(ConfigurableListableBeanFactory beanFactory) {
        String name = TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME;
        return (supervisor, builder) -> {
            if (beanFactory.containsBean(name) && beanFactory.isTypeMatch(name, Executor.class)) {
                builder.executor(beanFactory.getBean(name, Executor.class));
            }
        };
    }

    /** What the caller's thread carries goes along to attempts on other threads: the logging context and all else. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ContextSnapshotFactory.class)
    static final class ContextPropagationConfiguration {

        @Bean
        @ConditionalOnMissingBean(ContextCarrier.class)
        ContextCarrier gripContextCarrier() {
            ContextCarrier registered = new MicrometerContextCarrier(
                    ContextSnapshotFactory.builder().build());
            boolean logging = ClassUtils.isPresent("org.slf4j.MDC", getClass().getClassLoader());
            return logging ? new MdcContextCarrier(registered) : registered;
        }
    }

    /** Without Micrometer's context propagation the logging context still does. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MDC.class)
    @ConditionalOnMissingClass("io.micrometer.context.ContextSnapshotFactory")
    static final class LoggingContextConfiguration {

        @Bean
        @ConditionalOnMissingBean(ContextCarrier.class)
        MdcContextCarrier gripContextCarrier() {
            return new MdcContextCarrier(ContextCarrier.none());
        }
    }

    /** An HTTP server that says when to come again is listened to. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RestClientResponseException.class)
    static final class HttpClientConfiguration {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        SupervisorCustomizer gripRetryAfterCustomizer() {
            HttpRetryAfter retryAfter = new HttpRetryAfter(InstantSource.system());
            return (supervisor, builder) -> builder.addDelayHint(retryAfter::after);
        }
    }
}
