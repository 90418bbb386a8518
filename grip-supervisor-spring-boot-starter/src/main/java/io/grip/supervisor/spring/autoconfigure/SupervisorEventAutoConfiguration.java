package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.event.SupervisorEventPublisher;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.AbstractApplicationContext;

/** What happens to executions as application events. */
@AutoConfiguration(after = SupervisorAutoConfiguration.class)
public final class SupervisorEventAutoConfiguration {

    /** Of each context its own, since it publishes where the supervisors are at home. */
    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    SupervisorEventPublisher gripSupervisorEventPublisher(AbstractApplicationContext context) {
        return new SupervisorEventPublisher(context);
    }
}
