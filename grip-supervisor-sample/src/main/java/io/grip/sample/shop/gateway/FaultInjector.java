package io.grip.sample.shop.gateway;

import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Stands in front of the gateway's handlers and makes some requests go wrong. Called on the event loop; never blocks it. */
@Component
final class FaultInjector implements HandlerFilterFunction<ServerResponse, ServerResponse> {

    private record Setting(Faults faults, Random random) {}

    /** Publishes the faults in force, and their dice, to the event loops. */
    private volatile Setting setting;

    FaultInjector(GatewayProperties properties) {
        this.setting = settingOf(properties.faults());
    }

    Faults faults() {
        return setting.faults();
    }

    /** Applies to requests that arrive from now on. */
    void use(Faults faults) {
        setting = settingOf(faults);
    }

    private static Setting settingOf(Faults faults) {
        return new Setting(faults, faults.seed() == null ? new Random() : new Random(faults.seed()));
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> handler) {
        Setting current = setting;
        Fault fault = current.faults().struckBy(current.random().nextDouble());
        Duration delay = Duration.ofNanos(
                current.random().nextLong(current.faults().latency().toNanos() + 1));
        Mono<ServerResponse> answer = Mono.defer(() -> answer(fault, current.faults(), request, handler));
        return delay.isZero() ? answer : Mono.delay(delay).then(answer);
    }

    private static Mono<ServerResponse> answer(
            @Nullable Fault fault, Faults faults, ServerRequest request, HandlerFunction<ServerResponse> handler) {
        if (fault == null) {
            return handler.handle(request);
        }
        return switch (fault) {
            case UNAVAILABLE ->
                ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE).build();
            case TOO_MANY_REQUESTS ->
                ServerResponse.status(HttpStatus.TOO_MANY_REQUESTS)
                        .header(
                                HttpHeaders.RETRY_AFTER,
                                String.valueOf(faults.retryAfter().toSeconds()))
                        .build();
            case RESET -> reset(request);
            case HANG -> Mono.never();
            case GARBAGE ->
                handler.handle(request)
                        .then(ServerResponse.ok()
                                .contentType(MediaType.APPLICATION_JSON)
                                .bodyValue("\u0000<html>{]"));
            case LOST_ANSWER -> handler.handle(request).then(reset(request));
        };
    }

    /** Lingering for no time makes the close a TCP reset: the client sees a broken connection, not an orderly end. */
    private static Mono<ServerResponse> reset(ServerRequest request) {
        return Mono.defer(() -> {
            ServerHttpResponse response = request.exchange().getResponse();
            HttpServerResponse connection = ServerHttpResponseDecorator.getNativeResponse(response);
            connection.withConnection(it -> {
                if (it.channel().isActive()) {
                    it.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                    it.channel().close();
                }
            });
            return Mono.never();
        });
    }
}
