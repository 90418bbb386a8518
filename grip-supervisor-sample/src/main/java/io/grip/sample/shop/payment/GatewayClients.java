package io.grip.sample.shop.payment;

import io.grip.sample.shop.gateway.GatewayServer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** The HTTP clients for the gateway. The address comes from the server because it runs in this very process. */
@Configuration(proxyBeanMethods = false)
class GatewayClients {

    @Bean
    RestClient gatewayClient(RestClient.Builder builder, GatewayServer gateway) {
        return builder.baseUrl(gateway.uri()).build();
    }

    @Bean
    WebClient gatewayWebClient(WebClient.Builder builder, GatewayServer gateway) {
        return builder.baseUrl(gateway.uri().toString()).build();
    }
}
