package io.grip.sample.shop.payment;

import io.grip.supervisor.spring.Supervised;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Service;
import org.springframework.web.reactive.function.client.WebClient;

/** Has the gateway mail receipts. Nobody waits for one: it is sent without holding a thread. */
@Service
public class Receipts {

    /** @param amount in cents */
    private record Receipt(UUID order, long amount) {}

    private final WebClient gateway;

    Receipts(WebClient gatewayWebClient) {
        this.gateway = gatewayWebClient;
    }

    /** @param amount in cents */
    @Supervised("receipt")
    public CompletableFuture<Void> send(UUID order, long amount) {
        return gateway.post()
                .uri("/receipts")
                .header("Idempotency-Key", order.toString())
                .bodyValue(new Receipt(order, amount))
                .retrieve()
                .toBodilessEntity()
                .then()
                .toFuture();
    }
}
