package io.grip.sample.shop.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.Meters;
import io.grip.sample.shop.ShopTest;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ShopTest
class ReceiptsTests {

    @Autowired
    private Receipts receipts;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void areSentAgainWithoutHoldingTheCaller() {
        UUID order = UUID.randomUUID();
        double before = meters.retries("receipt");
        gateway.faults("{\"rates\": {\"reset\": 1}}");

        CompletableFuture<Void> sent = receipts.send(order, 100);
        await().atMost(30, TimeUnit.SECONDS).until(() -> meters.retries("receipt") > before);
        assertThat(sent).isNotDone();
        gateway.heal();

        assertThat(sent).succeedsWithin(30, TimeUnit.SECONDS);
        assertThat(gateway.hasMailedReceipt(order)).isTrue();
    }
}
