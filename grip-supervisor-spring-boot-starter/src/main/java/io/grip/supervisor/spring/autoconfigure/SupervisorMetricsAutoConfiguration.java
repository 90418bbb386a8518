package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.metrics.SupervisorMetrics;
import io.grip.supervisor.spring.metrics.TreeMetrics;
import io.grip.supervisor.tree.TreeLimits;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/** The numbers of supervisors as meters, wherever there is a meter registry; Actuator is not needed for that. */
@AutoConfiguration(
        after = {SupervisorAutoConfiguration.class, SupervisionTreeAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
public final class SupervisorMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    SupervisorMetrics gripSupervisorMetrics(ObjectProvider<MeterRegistry> registries) {
        return new SupervisorMetrics(registries);
    }

    /** Of each context its own, as the trees are. */
    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    TreeMetrics gripTreeMetrics(
            ObjectProvider<MeterRegistry> registries,
            ConfigurableListableBeanFactory beans,
            ObjectProvider<TreeLimits> limits) {
        return new TreeMetrics(registries, () -> TreesOfContext.in(beans), limits::getObject);
    }
}
