package io.grip.sample.shop.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.GatewayControl.Booking;
import io.grip.sample.shop.Meters;
import io.grip.sample.shop.ShopTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.client.RestClient;

/** The promise of the shop, whatever the gateway does: an order is confirmed if and only if it is charged, and charged once. */
@ShopTest
@TestPropertySource(
        properties = {
            "grip.supervisor.policies.payment.retry.backoff.initial=2ms",
            "grip.supervisor.policies.payment.retry.backoff.max=20ms",
            "grip.supervisor.policies.payment.deadline.attempt-timeout=2s",
            "grip.supervisor.policies.payment.admission.max-concurrency=24",
            "grip.supervisor.policies.payment.admission.max-wait=2s",
            "grip.supervisor.policies.settlement.retry.backoff.initial=2ms",
            "grip.supervisor.policies.settlement.deadline.attempt-timeout=2s"
        })
class ThousandOrdersTests {

    private static final int ORDERS = 1_000;
    private static final int CUSTOMERS = 32;
    private static final int ROUNDS = 50;

    private static final String BAD_GATEWAY = """
            {
              "latency": "20ms",
              "retryAfter": "0s",
              "rates": {
                "unavailable": 0.08,
                "too-many-requests": 0.03,
                "reset": 0.06,
                "hang": 0.03,
                "garbage": 0.06,
                "lost-answer": 0.08
              }
            }
            """;

    @Autowired
    private Settler settler;

    @Autowired
    private Products products;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @LocalServerPort
    private int port;

    @Test
    void areEachConfirmedAndChargedOnceOrNeither() throws Exception {
        int stockBefore = products.get("filter").available();
        gateway.faults(BAD_GATEWAY);

        Map<Integer, Long> answers = placeOrders();
        assertThat(answers.keySet()).contains(201, 202, 402).isSubsetOf(201, 202, 402, 503);

        int rounds = 0;
        while (rounds < ROUNDS && orders().stream().anyMatch(it -> it.state().isOpen())) {
            settler.settleOpenOrders();
            rounds++;
        }
        gateway.heal();

        List<Order> orders = orders();
        assertThat(orders).hasSize(ORDERS).noneMatch(it -> it.state().isOpen());
        assertThat(gateway.bookings())
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(confirmed(orders).stream()
                        .map(it -> new Booking(it.id(), it.amount()))
                        .toList());
        assertThat(products.get("filter").available())
                .isEqualTo(stockBefore
                        - confirmed(orders).stream().mapToInt(Order::quantity).sum());

        // The gateway was as bad as it was meant to be.
        assertThat(meters.retries("payment")).isGreaterThan(50);
        assertThat(meters.attempts("payment", "timeout")).isPositive();
        assertThat(gateway.bookings().stream().map(Booking::order).distinct()).hasSizeBetween(ORDERS / 4, ORDERS - 1);
    }

    private Map<Integer, Long> placeOrders() throws Exception {
        RestClient shop = RestClient.create("http://localhost:" + port);
        ExecutorService customers = Executors.newFixedThreadPool(CUSTOMERS);
        try {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < ORDERS; i++) {
                String card = i % 25 == 0 ? "tok_declined" : "tok_visa";
                OrderRequest order = new OrderRequest("filter", 1 + i % 3, card);
                answers.add(customers.submit(() -> shop.post()
                        .uri("/orders")
                        .body(order)
                        .exchange((request, answer) -> answer.getStatusCode().value())));
            }
            List<Integer> status = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                status.add(answer.get());
            }
            return status.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        } finally {
            customers.shutdownNow();
        }
    }

    private List<Order> orders() {
        return jdbc.sql("select id, sku, quantity, amount, state, reason from orders")
                .query(Order.class)
                .list();
    }

    private static List<Order> confirmed(List<Order> orders) {
        return orders.stream().filter(it -> it.state() == OrderState.CONFIRMED).toList();
    }
}
