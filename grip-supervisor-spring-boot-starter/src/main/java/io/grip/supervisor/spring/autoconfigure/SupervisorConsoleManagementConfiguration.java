package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.console.ConsoleEndpoint;
import io.grip.supervisor.spring.console.ConsoleServletFilter;
import io.grip.supervisor.spring.console.ConsoleWebFilter;
import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** The console's headers, in the context that serves the endpoints: the application's own, or that of a management port. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(SupervisorConsoleAutoConfiguration.ENABLED)
@ConditionalOnAvailableEndpoint(ConsoleEndpoint.class)
final class SupervisorConsoleManagementConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnClass(Filter.class)
    static class InServlets {

        @Bean
        static FilterRegistrationBean<ConsoleServletFilter> gripSupervisorConsoleHeaders(
                ObjectProvider<PathMappedEndpoints> endpoints) {
            FilterRegistrationBean<ConsoleServletFilter> filter =
                    new FilterRegistrationBean<>(new ConsoleServletFilter(endpoints::getObject));
            // Before those that may answer themselves.
            filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
            return filter;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    static class InReactive {

        @Bean
        ConsoleWebFilter gripSupervisorConsoleHeaders(ObjectProvider<PathMappedEndpoints> endpoints) {
            return new ConsoleWebFilter(endpoints::getObject);
        }
    }
}
