package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.event.SupervisorEventPublisher;
import io.grip.supervisor.spring.event.TreeEventPublisher;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.AbstractApplicationContext;

/** What happens to executions, and in trees, as application events. */
@AutoConfiguration(after = SupervisorAutoConfiguration.class)
public final class SupervisorEventAutoConfiguration {

    /** Of each context its own, since it publishes where the supervisors are at home. */
    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    SupervisorEventPublisher gripSupervisorEventPublisher(AbstractApplicationContext context) {
        return new SupervisorEventPublisher(context);
    }

    /** Of each context its own, as the trees are. */
    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    TreeEventPublisher gripTreeEventPublisher(AbstractApplicationContext context) {
        return new TreeEventPublisher(context, () -> TreesOfContext.in(context.getBeanFactory()));
    }
}
