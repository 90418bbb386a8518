package io.grip.sample.shop.gateway;

import java.math.BigDecimal;
import java.util.Map;
import java.util.function.BiFunction;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** What the gateway offers over HTTP: charges, receipts and exchange rates, all of them through the faults. */
@Component
final class GatewayApi {

    private static final String KEY_HEADER = "Idempotency-Key";

    /** What one euro is worth. */
    private static final Map<String, BigDecimal> RATES = Map.of(
            "EUR", new BigDecimal("1"),
            "USD", new BigDecimal("1.0842"),
            "GBP", new BigDecimal("0.8411"),
            "JPY", new BigDecimal("163.27"));

    /** @param rate units of the currency for one euro */
    private record Rate(String currency, BigDecimal rate) {}

    private final Ledger ledger;
    private final Mail mail;
    private final FaultInjector injector;
    private final FaultsReader reader;

    GatewayApi(Ledger ledger, Mail mail, FaultInjector injector, FaultsReader reader) {
        this.ledger = ledger;
        this.mail = mail;
        this.injector = injector;
        this.reader = reader;
    }

    RouterFunction<ServerResponse> routes() {
        RouterFunction<ServerResponse> business = RouterFunctions.route()
                .POST("/charges", this::charge)
                .GET("/charges/{key}", this::find)
                .DELETE("/charges/{key}", this::close)
                .POST("/receipts", this::sendReceipt)
                .GET("/receipts/{key}", this::findReceipt)
                .GET("/rates/{currency}", this::rate)
                .filter(injector)
                .build();
        return RouterFunctions.route()
                .GET("/gateway/faults", request -> ok(injector.faults()))
                .PUT("/gateway/faults", this::replaceFaults)
                .GET("/gateway/bookings", request -> ok(ledger.bookings()))
                .add(business)
                .build();
    }

    private Mono<ServerResponse> charge(ServerRequest request) {
        return withKey(request, ChargeRequest.class, (key, wish) -> {
            Charge charge = ledger.charge(key, wish);
            return switch (charge.state()) {
                case VOID -> problem(HttpStatus.CONFLICT, "the key " + key + " has been closed without a charge");
                case DECLINED -> problem(HttpStatus.PAYMENT_REQUIRED, "the card was declined");
                case CHARGED ->
                    charge.isFor(wish)
                            ? ok(charge)
                            : problem(
                                    HttpStatus.UNPROCESSABLE_CONTENT, "the key " + key + " belongs to another charge");
            };
        });
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        String key = request.pathVariable("key");
        return ledger.find(key)
                .map(GatewayApi::ok)
                .orElseGet(() -> problem(HttpStatus.NOT_FOUND, "no charge with the key " + key + " so far"));
    }

    private Mono<ServerResponse> close(ServerRequest request) {
        return ok(ledger.close(request.pathVariable("key")));
    }

    private Mono<ServerResponse> sendReceipt(ServerRequest request) {
        return withKey(request, Mail.Receipt.class, (key, receipt) -> {
            mail.send(key, receipt);
            return ServerResponse.accepted().build();
        });
    }

    private Mono<ServerResponse> findReceipt(ServerRequest request) {
        String key = request.pathVariable("key");
        return mail.find(key)
                .map(GatewayApi::ok)
                .orElseGet(() -> problem(HttpStatus.NOT_FOUND, "no receipt with the key " + key));
    }

    private Mono<ServerResponse> rate(ServerRequest request) {
        String currency = request.pathVariable("currency");
        BigDecimal rate = RATES.get(currency);
        return rate == null ? problem(HttpStatus.NOT_FOUND, "no rate for " + currency) : ok(new Rate(currency, rate));
    }

    private Mono<ServerResponse> replaceFaults(ServerRequest request) {
        return request.bodyToMono(String.class).defaultIfEmpty("").flatMap(body -> {
            Faults faults;
            try {
                faults = reader.read(body);
            } catch (WrongFaults wrong) {
                return problem(HttpStatus.BAD_REQUEST, wrong.reason());
            }
            injector.use(faults);
            return ok(faults);
        });
    }

    private static <T> Mono<ServerResponse> withKey(
            ServerRequest request, Class<T> type, BiFunction<String, T, Mono<ServerResponse>> handler) {
        String key = request.headers().firstHeader(KEY_HEADER);
        return key == null
                ? problem(HttpStatus.BAD_REQUEST, "the header " + KEY_HEADER + " is missing")
                : request.bodyToMono(type)
                        .flatMap(body -> handler.apply(key, body))
                        .switchIfEmpty(problem(HttpStatus.BAD_REQUEST, "the body is missing"));
    }

    private static Mono<ServerResponse> ok(Object body) {
        return ServerResponse.ok().bodyValue(body);
    }

    private static Mono<ServerResponse> problem(HttpStatus status, String detail) {
        return ServerResponse.status(status).bodyValue(ProblemDetail.forStatusAndDetail(status, detail));
    }
}
