package io.grip.sample.shop.gateway;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.URI;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunctions;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * The gateway's own web server, on the loopback interface. It listens as soon as the bean exists and until it is destroyed:
 * longer than every bean that calls it.
 */
@Component
public final class GatewayServer implements DisposableBean {

    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final DisposableServer server;

    GatewayServer(GatewayProperties properties, GatewayApi api) {
        HttpServer unbound = HttpServer.create()
                .host("localhost")
                .port(properties.port())
                .doOnConnection(connection -> connections.add(connection.channel()))
                .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(api.routes())));
        try {
            this.server = unbound.bindNow();
        } catch (ChannelBindException taken) {
            throw new PortInUseException(taken.localPort(), taken);
        }
    }

    /** Where the gateway is reached; with port 0 in the configuration, the port it found. */
    public URI uri() {
        return URI.create("http://localhost:" + server.port());
    }

    /** Requests that hang would hang on; they end here. */
    @Override
    public void destroy() {
        connections.close();
        server.disposeNow();
    }
}
