package io.grip.sample.shop;

import io.grip.sample.shop.gateway.GatewayServer;
import java.util.List;
import java.util.UUID;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.client.RestClient;

/** The gateway as an outsider sees it: its faults, its bank statement. */
public final class GatewayControl {

    public record Booking(UUID order, long amount) {}

    private final RestClient client;

    GatewayControl(GatewayServer gateway) {
        this.client = RestClient.create(gateway.uri());
    }

    /** @param json as {@code PUT /gateway/faults} takes it */
    public void faults(String json) {
        client.put().uri("/gateway/faults").body(json).retrieve().toBodilessEntity();
    }

    public void heal() {
        faults("{}");
    }

    /** Every time money moved. */
    public List<Booking> bookings() {
        return client.get().uri("/gateway/bookings").retrieve().requiredBody(new ParameterizedTypeReference<>() {});
    }

    public List<Booking> bookingsOf(UUID order) {
        return bookings().stream().filter(it -> it.order().equals(order)).toList();
    }

    public boolean hasMailedReceipt(UUID order) {
        return client.get()
                .uri("/receipts/{key}", order)
                .exchange((request, answer) -> answer.getStatusCode().is2xxSuccessful());
    }

    /** Charges the order as a request of the shop's would that arrives late. */
    public HttpStatusCode chargeLate(UUID order, long amount) {
        return client.post()
                .uri("/charges")
                .header("Idempotency-Key", order.toString())
                .body(new Wish(order, amount, "tok_visa"))
                .exchange((request, answer) -> answer.getStatusCode());
    }

    private record Wish(UUID order, long amount, String card) {}
}
