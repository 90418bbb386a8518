package io.grip.supervisor.spring.console;

import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Sets the console's headers in a reactive application. */
public final class ConsoleWebFilter implements WebFilter {

    private final ConsoleHeaders headers;

    /** @param endpoints where endpoints stand; asked for at the first request */
    public ConsoleWebFilter(Supplier<PathMappedEndpoints> endpoints) {
        headers = new ConsoleHeaders(endpoints);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        HttpHeaders answer = exchange.getResponse().getHeaders();
        headers.set(exchange.getRequest().getPath().pathWithinApplication().value(), answer::set);
        return chain.filter(exchange);
    }
}
