package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.endpoint.AuditedChanges;
import io.grip.supervisor.spring.endpoint.ChangeListener;
import io.grip.supervisor.spring.endpoint.MeteredChanges;
import io.grip.supervisor.spring.endpoint.ObservedCalls;
import io.grip.supervisor.spring.endpoint.StrictArguments;
import io.grip.supervisor.spring.endpoint.SupervisorsEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;

/** The endpoint {@code supervisors}, where it is exposed and access permits it; else nothing is counted for it. */
@AutoConfiguration(after = {SupervisorAutoConfiguration.class, SupervisorMetricsAutoConfiguration.class})
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
public final class SupervisorsEndpointAutoConfiguration {

    /** Apart, since its condition is one of Actuator's own classes, which need not be there. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnAvailableEndpoint(SupervisorsEndpoint.class)
    @ImportRuntimeHints(SupervisorsEndpointHints.class)
    static final class EndpointConfiguration {

        @Bean
        ObservedCalls gripObservedCalls() {
            return new ObservedCalls(InstantSource.system());
        }

        @Bean
        @ConditionalOnMissingBean
        SupervisorsEndpoint gripSupervisorsEndpoint(
                ConfigurableListableBeanFactory beans,
                LivePolicies policies,
                ObservedCalls calls,
                ObjectProvider<ChangeListener> listeners) {
            return new SupervisorsEndpoint(
                    () -> SupervisorsOfContext.in(beans),
                    () -> TreesOfContext.in(beans),
                    policies,
                    calls,
                    listeners.orderedStream().toList());
        }

        @Bean
        static StrictArguments gripStrictArguments() {
            return new StrictArguments();
        }

        @Bean
        AuditedChanges gripAuditedChanges(ApplicationEventPublisher publisher) {
            return new AuditedChanges(publisher);
        }

        /** Counts changes, wherever there is a meter registry. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass(MeterRegistry.class)
        @ConditionalOnBean(MeterRegistry.class)
        static final class MetricsConfiguration {

            @Bean
            MeteredChanges gripMeteredChanges(ObjectProvider<MeterRegistry> registries) {
                return new MeteredChanges(() -> registries.stream().toList());
            }
        }
    }
}
