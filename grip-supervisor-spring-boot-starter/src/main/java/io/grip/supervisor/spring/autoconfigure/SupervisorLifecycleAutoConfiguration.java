package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.lifecycle.SupervisorLifecycle;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Draining, pausing and resuming with the application context. */
@AutoConfiguration(after = SupervisorAutoConfiguration.class)
public final class SupervisorLifecycleAutoConfiguration {

    /** Of each context its own: the supervisors of a parent live on when a child closes. */
    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    SupervisorLifecycle gripSupervisorLifecycle(ConfigurableApplicationContext context) {
        return new SupervisorLifecycle(context);
    }
}
