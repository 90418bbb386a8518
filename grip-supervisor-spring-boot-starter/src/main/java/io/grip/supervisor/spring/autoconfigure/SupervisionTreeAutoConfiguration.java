package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.SupervisionTreeCustomizer;
import io.grip.supervisor.spring.lifecycle.RootActions;
import io.grip.supervisor.tree.TreeLimits;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Workers kept alive: each tree as a bean that starts and stops with the application context. */
@AutoConfiguration(after = SupervisorAutoConfiguration.class)
public final class SupervisionTreeAutoConfiguration {

    @Bean
    static TreeBeans gripTreeBeans(Environment environment) {
        return new TreeBeans(environment);
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    TreeLimits gripTreeLimits(GripSupervisorProperties properties, Environment environment) {
        return TreeFactory.limits(properties.treeLimits(), environment, properties.checks());
    }

    @Bean
    RootActions gripRootActions(ConfigurableApplicationContext context) {
        return new RootActions(context);
    }

    @Bean
    @Lazy
    SupervisionTrees gripSupervisionTrees(
            GripSupervisorProperties properties,
            ConfigurableApplicationContext context,
            ObjectProvider<TreeLimits> limits,
            RootActions rootActions,
            ObjectProvider<SupervisionTreeCustomizer> customizers) {
        return new SupervisionTrees(
                properties,
                context,
                limits::getObject,
                rootActions,
                () -> customizers.orderedStream().toList());
    }
}
