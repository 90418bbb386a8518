package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.health.SupervisorsHealth;
import io.grip.supervisor.spring.health.TreesHealth;
import io.grip.supervisor.spring.lifecycle.RootActions;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** How trees and supervisors are, as health indicators {@code gripTrees} and {@code gripSupervisors}. */
@AutoConfiguration(after = {SupervisorAutoConfiguration.class, SupervisionTreeAutoConfiguration.class})
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
public final class SupervisionHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "gripTreesHealthIndicator")
    @ConditionalOnEnabledHealthIndicator("grip-trees")
    TreesHealth gripTreesHealthIndicator(
            ConfigurableListableBeanFactory beans, SupervisionTrees trees, RootActions rootActions) {
        return new TreesHealth(() -> TreesOfContext.in(beans), trees::outOfServiceAfter, rootActions::failureOf);
    }

    @Bean
    @ConditionalOnMissingBean(name = "gripSupervisorsHealthIndicator")
    @ConditionalOnEnabledHealthIndicator("grip-supervisors")
    SupervisorsHealth gripSupervisorsHealthIndicator(ConfigurableListableBeanFactory beans) {
        return new SupervisorsHealth(() -> SupervisorsOfContext.in(beans));
    }
}
