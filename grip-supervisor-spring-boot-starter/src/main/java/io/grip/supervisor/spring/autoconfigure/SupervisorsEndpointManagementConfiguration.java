package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.endpoint.BodyFilter;
import io.grip.supervisor.spring.endpoint.SupervisorsEndpoint;
import jakarta.servlet.Filter;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.filter.OncePerRequestFilter;

/** What reads the bodies sent to the endpoint, in whichever context serves it: a management port has one of its own. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, OncePerRequestFilter.class})
@ConditionalOnAvailableEndpoint(SupervisorsEndpoint.class)
public final class SupervisorsEndpointManagementConfiguration {

    @Bean
    BodyFilter gripSupervisorsBodyFilter(PathMappedEndpoints endpoints) {
        return new BodyFilter(() -> endpoints.getPath(EndpointId.of(SupervisorsEndpoint.ID)));
    }
}
