package io.grip.sample.shop.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.ShopTest;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.EntityExchangeResult;
import org.springframework.test.web.servlet.client.RestTestClient;

@ShopTest
class CheckoutTests {

    private static final String ORDER = "{\"sku\": \"espresso\", \"quantity\": 2, \"card\": \"tok_visa\"}";

    @Autowired
    private RestTestClient shop;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Products products;

    @Autowired
    private Orders orders;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void confirmsAnOrderThatIsCharged() {
        int before = products.get("espresso").available();

        EntityExchangeResult<Order> answer = order(ORDER);
        Order order = Objects.requireNonNull(answer.getResponseBody());

        assertThat(answer.getStatus()).isEqualTo(HttpStatus.CREATED);
        assertThat(answer.getResponseHeaders().getLocation()).hasPath("/orders/" + order.id());
        assertThat(order.state()).isEqualTo(OrderState.CONFIRMED);
        assertThat(order.amount()).isEqualTo(2 * 1990);
        assertThat(gateway.bookingsOf(order.id())).containsExactly(new GatewayControl.Booking(order.id(), 2 * 1990));
        assertThat(products.get("espresso").available()).isEqualTo(before - 2);
        assertThat(stored(order.id())).isEqualTo(order);
        await().atMost(30, TimeUnit.SECONDS).until(() -> gateway.hasMailedReceipt(order.id()));
    }

    @Test
    void refusesAnOrderWhoseCardIsDeclinedAndGivesTheStockBack() {
        int before = products.get("espresso").available();

        shop.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(ORDER.replace("tok_visa", "tok_declined"))
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.PAYMENT_REQUIRED)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("the card was declined")
                .jsonPath("$.order")
                .value(id ->
                        assertThat(stored(UUID.fromString((String) id)).state()).isEqualTo(OrderState.REFUSED));

        assertThat(products.get("espresso").available()).isEqualTo(before);
    }

    @Test
    void leavesOpenAnOrderWhoseAnswerIsLost() {
        int before = products.get("espresso").available();
        gateway.faults("{\"rates\": {\"lost-answer\": 1}}");

        EntityExchangeResult<Order> answer = order(ORDER);
        Order order = Objects.requireNonNull(answer.getResponseBody());

        assertThat(answer.getStatus()).isEqualTo(HttpStatus.ACCEPTED);
        assertThat(order.state()).isEqualTo(OrderState.CHARGE_UNKNOWN);
        assertThat(products.get("espresso").available()).isEqualTo(before - 2);
        assertThat(gateway.bookingsOf(order.id())).hasSize(1);
    }

    @Test
    void writesNothingWhenThereIsNotEnoughLeft() {
        long before = numberOfOrders();

        refused(
                ORDER.replace("espresso", "poster").replace("2", "4"),
                HttpStatus.CONFLICT,
                "less than 4 of poster left");

        assertThat(numberOfOrders()).isEqualTo(before);
        assertThat(products.get("poster").available()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"sku\": \"tea\", \"quantity\": 1, \"card\": \"tok_visa\"} | 422 | there is no product tea",
                "{\"sku\": \"\", \"quantity\": 1, \"card\": \"tok_visa\"} | 400 | Not valid: sku",
                "{\"sku\": \"filter\", \"quantity\": 0, \"card\": \"tok_visa\"} | 400 | Not valid: quantity",
                "{\"sku\": \"filter\", \"quantity\": 21, \"card\": \"tok_visa\"} | 400 | Not valid: quantity",
                "{\"sku\": \"filter\", \"quantity\": 1, \"card\": \"4242424242424242\"} | 400 | Not valid: card",
                "{\"sku\": \"filter\", \"quantity\": 1} | 400 | Not valid: card",
                "{\"sku\": \"filter\", \"card\": \"tok_visa\"} | 400 | Not valid: quantity",
                "{\"sku\": \"filter\", \"quantity\": 1.5, \"card\": \"tok_visa\"} | 400 | Not understood: quantity",
                "{\"sku\": \"filter\", \"quantty\": 1, \"card\": \"tok_visa\"} | 400 | Not understood: quantty",
                "{\"sku\": \"filter\", \"quantity\": 1, \"card\": \"tok_visa\", \"tip\": 3} | 400 | Not understood: tip",
                "{\"sku\": | 400 | The body is not an order in JSON",
                "[] | 400 | The body is not an order in JSON",
            })
    void saysWhatIsWrongWithAnOrder(String body, int status, String detail) {
        long before = numberOfOrders();

        refused(body, HttpStatus.valueOf(status), detail);

        assertThat(numberOfOrders()).isEqualTo(before);
    }

    @Test
    void knowsOnlyItsOwnOrders() {
        shop.get().uri("/orders/" + UUID.randomUUID()).exchange().expectStatus().isNotFound();
        shop.get().uri("/orders/17").exchange().expectStatus().isBadRequest();
    }

    private void refused(String body, HttpStatus status, String detail) {
        shop.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo(detail);
    }

    private EntityExchangeResult<Order> order(String body) {
        return shop.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange()
                .expectBody(Order.class)
                .returnResult();
    }

    private Order stored(UUID id) {
        return Objects.requireNonNull(shop.get()
                .uri("/orders/" + id)
                .exchange()
                .expectBody(Order.class)
                .returnResult()
                .getResponseBody());
    }

    private long numberOfOrders() {
        return orders.count().values().stream().mapToLong(Long::longValue).sum();
    }
}
