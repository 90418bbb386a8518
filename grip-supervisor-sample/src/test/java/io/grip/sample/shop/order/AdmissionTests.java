package io.grip.sample.shop.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.Meters;
import io.grip.sample.shop.ShopTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

/** One charge at a time, and a gateway that never answers. */
@ShopTest
@TestPropertySource(
        properties = {
            "grip.supervisor.policies.payment.admission.max-concurrency=1",
            "grip.supervisor.policies.payment.admission.max-wait=0ms"
        })
class AdmissionTests {

    private static final OrderRequest REQUEST = new OrderRequest("espresso", 1, "tok_visa");

    @Autowired
    private RestTestClient shop;

    @Autowired
    private Checkout checkout;

    @Autowired
    private Orders orders;

    @Autowired
    private Products products;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @Test
    void rejectsAnOrderWhenTheGatewayHasTooMuchToDo() throws Exception {
        int before = products.get("espresso").available();
        gateway.faults("{\"rates\": {\"hang\": 1}}");
        Thread first = new Thread(() -> checkout.place(REQUEST));
        first.start();
        await().atMost(30, TimeUnit.SECONDS).until(() -> meters.inFlight("payment") == 1);

        shop.post()
                .uri("/orders")
                .contentType(MediaType.APPLICATION_JSON)
                .body(REQUEST)
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
                .expectHeader()
                .valueEquals(HttpHeaders.RETRY_AFTER, "1")
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("the gateway has too much to do");

        assertThat(orders.count()).containsEntry(OrderState.REJECTED, 1L);
        first.interrupt();
        first.join();
        assertThat(orders.count()).containsEntry(OrderState.CHARGE_UNKNOWN, 1L);
        assertThat(products.get("espresso").available()).isEqualTo(before - 1);
        assertThat(gateway.bookings()).isEmpty();
    }
}
