package io.grip.sample.shop.customer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Looks at a price and places an order, over HTTP like anyone else, at an even pace while the shop is open. */
@Component
class BuiltInCustomer {

    private record Order(String sku, int quantity, String card) {}

    private static final Logger log = LoggerFactory.getLogger(BuiltInCustomer.class);

    private static final List<String> PRODUCTS = List.of("espresso", "filter", "grinder");
    private static final List<String> CURRENCIES = List.of("EUR", "USD", "GBP", "JPY");
    private static final double DECLINED_CARDS = 0.02;

    private final CustomerProperties properties;
    private final WebClient.Builder clients;
    private final Disposable.Swap shopping = Disposables.swap();

    BuiltInCustomer(CustomerProperties properties, WebClient.Builder clients) {
        this.properties = properties;
        this.clients = clients;
    }

    @EventListener
    void start(ApplicationReadyEvent ready) {
        String port = ready.getApplicationContext().getEnvironment().getProperty("local.server.port");
        if (!properties.enabled() || port == null) {
            return;
        }
        WebClient shop = clients.baseUrl("http://localhost:" + port).build();
        shopping.update(Flux.interval(Duration.ofSeconds(1).dividedBy(properties.ordersPerSecond()))
                .onBackpressureDrop()
                .flatMap(tick -> visit(shop), properties.atOnce())
                .subscribe());
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        shopping.dispose();
    }

    private static Mono<Void> visit(WebClient shop) {
        String sku = anyOf(PRODUCTS);
        Order order = new Order(
                sku,
                ThreadLocalRandom.current().nextInt(1, 4),
                ThreadLocalRandom.current().nextDouble() < DECLINED_CARDS ? "tok_declined" : "tok_visa");
        Mono<Void> look = shop.get()
                .uri("/products/{sku}/price?currency={currency}", sku, anyOf(CURRENCIES))
                .exchangeToMono(answer -> answer.releaseBody());
        Mono<Void> buy = shop.post().uri("/orders").bodyValue(order).exchangeToMono(answer -> answer.releaseBody());
        // Whatever the shop answers, and even if it does not, the customer comes again.
        return look.then(buy).onErrorResume(noAnswer -> {
            log.debug("The shop did not answer", noAnswer);
            return Mono.empty();
        });
    }

    private static String anyOf(List<String> choices) {
        return choices.get(ThreadLocalRandom.current().nextInt(choices.size()));
    }
}
