package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.observation.AttemptObservationConvention;
import io.grip.supervisor.spring.observation.SupervisorObservationConvention;
import io.grip.supervisor.spring.observation.SupervisorObservations;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Executions and attempts as observations, for those who ask for them: an observation with Boot's meter handler costs
 * many times what the supervised call does. Asked at run time, so that the switch works in an ahead-of-time build.
 */
@AutoConfiguration(after = SupervisorAutoConfiguration.class)
@ConditionalOnClass(ObservationRegistry.class)
public final class SupervisorObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    SupervisorObservations gripSupervisorObservations(
            GripSupervisorProperties properties,
            ObjectProvider<ObservationRegistry> registry,
            ObjectProvider<SupervisorObservationConvention> executions,
            ObjectProvider<AttemptObservationConvention> attempts) {
        return new SupervisorObservations(properties.observation().enabled(), registry, executions, attempts);
    }
}
