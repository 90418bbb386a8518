package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.console.ConsoleEndpoint;
import io.grip.supervisor.spring.console.ConsoleHints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;

/** The console, where it is asked for and Actuator may show it. */
@AutoConfiguration(
        after = SupervisorAutoConfiguration.class,
        afterName = "org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration")
@ConditionalOnBooleanProperty(SupervisorConsoleAutoConfiguration.ENABLED)
@ConditionalOnWebApplication
public final class SupervisorConsoleAutoConfiguration {

    static final String ENABLED = GripSupervisorProperties.PREFIX + ".console.enabled";

    private static final String ENDPOINT = "gripSupervisorConsole";
    private static final Logger log = LoggerFactory.getLogger(SupervisorConsoleAutoConfiguration.class);

    /** Apart from what is in it, because that one's condition is a class of Actuator's too. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
    static class WithActuator {

        @Configuration(proxyBeanMethods = false)
        @ConditionalOnAvailableEndpoint(ConsoleEndpoint.class)
        @ImportRuntimeHints(ConsoleHints.class)
        static class Served {

            @Bean(ENDPOINT)
            @ConditionalOnMissingBean
            ConsoleEndpoint gripSupervisorConsole(
                    GripSupervisorProperties properties, ObjectProvider<PathMappedEndpoints> endpoints) {
                return new ConsoleEndpoint(properties.console().enabled(), endpoints::getObject);
            }
        }
    }

    /** Says why a console that was asked for is not there; once all beans are known, because that is no matter of order. */
    @Bean
    static SmartInitializingSingleton gripSupervisorConsoleAbsence(ListableBeanFactory beans) {
        return () -> {
            if (!beans.containsBean(ENDPOINT)) {
                log.warn(
                        "{} is true, but the console is not served: it needs Actuator, which must be allowed to"
                                + " show it. Add spring-boot-starter-actuator, and 'supervisors' and 'supervisorconsole' to"
                                + " management.endpoints.web.exposure.include.",
                        ENABLED);
            }
        };
    }
}
