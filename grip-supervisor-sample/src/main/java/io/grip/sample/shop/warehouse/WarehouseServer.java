package io.grip.sample.shop.warehouse;

import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The warehouse's own web server, on the loopback interface, from the making of the bean until its end. */
@Component
public final class WarehouseServer implements DisposableBean {

    /** @param quantity how many */
    private record Wish(String sku, int quantity) {}

    /** @param told how often the warehouse was told to ship anything */
    private record Statement(long told, List<Shelves.Shipment> shipments) {}

    private static final int PAGE = 100;

    private final Shelves shelves;
    private final DisposableServer server;

    WarehouseServer(WarehouseProperties properties, Shelves shelves) {
        this.shelves = shelves;
        HttpServer unbound = HttpServer.create()
                .host("localhost")
                .port(properties.port())
                .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(routes())));
        try {
            this.server = unbound.bindNow();
        } catch (ChannelBindException taken) {
            throw new PortInUseException(taken.localPort(), taken);
        }
    }

    private RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .PUT("/shipments/{order}", this::ship)
                .GET("/shipments", this::after)
                .GET(
                        "/warehouse/statement",
                        request -> ServerResponse.ok()
                                .bodyValue(new Statement(shelves.told(), shelves.after(0, Integer.MAX_VALUE))))
                .build();
    }

    private Mono<ServerResponse> ship(ServerRequest request) {
        UUID order = UUID.fromString(request.pathVariable("order"));
        return request.bodyToMono(Wish.class).flatMap(wish -> {
            shelves.ship(order, wish.sku(), wish.quantity());
            return ServerResponse.noContent().build();
        });
    }

    private Mono<ServerResponse> after(ServerRequest request) {
        long number = request.queryParam("after").map(Long::parseLong).orElse(0L);
        return ServerResponse.ok().bodyValue(shelves.after(number, PAGE));
    }

    /** Where it is reached; with port 0 in the configuration, the port it found. */
    public URI uri() {
        return URI.create("http://localhost:" + server.port());
    }

    @Override
    public void destroy() {
        server.disposeNow();
    }
}
