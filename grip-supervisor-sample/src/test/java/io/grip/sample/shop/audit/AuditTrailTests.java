package io.grip.sample.shop.audit;

import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.ShopTest;
import io.grip.sample.shop.payment.PaymentGateway;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.client.HttpServerErrorException;

@ShopTest
class AuditTrailTests {

    @Autowired
    private PaymentGateway payments;

    @Autowired
    private AuditTrail trail;

    @Autowired
    private GatewayControl gateway;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void hasARowForAnExecutionThatWasGivenUp() {
        gateway.faults("{\"rates\": {\"unavailable\": 1}}");

        Assertions.assertThatExceptionOfType(HttpServerErrorException.class)
                .isThrownBy(() -> payments.charge(UUID.randomUUID(), 100, "tok_visa"));

        await().atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() -> Assertions.assertThat(trail.latest(10)).anySatisfy(entry -> {
                    Assertions.assertThat(entry.supervisor()).isEqualTo("payment");
                    Assertions.assertThat(entry.detail())
                            .isEqualTo("HANDLER_ERROR after 4 attempts: ServiceUnavailable");
                }));
    }
}
