package io.grip.sample.shop.outbox;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.grip.sample.shop.warehouse.WarehouseServer;
import java.util.List;
import java.util.UUID;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** The shop's side of the warehouse. No policy here: whoever calls is a worker, and is started again when it fails. */
@Component
class Warehouse {

    /** What the warehouse has shipped. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Shipment(long number, UUID order) {}

    private record Wish(String sku, int quantity) {}

    private final RestClient client;

    Warehouse(RestClient.Builder builder, WarehouseServer server) {
        this.client = builder.baseUrl(server.uri()).build();
    }

    void ship(UUID order, String sku, int quantity) {
        client.put()
                .uri("/shipments/{order}", order)
                .body(new Wish(sku, quantity))
                .retrieve()
                .toBodilessEntity();
    }

    List<Shipment> shippedAfter(long number) {
        return client.get()
                .uri("/shipments?after={number}", number)
                .retrieve()
                .requiredBody(new ParameterizedTypeReference<>() {});
    }
}
