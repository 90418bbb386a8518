package io.grip.sample.shop.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.Meters;
import io.grip.sample.shop.ShopTest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.client.HttpClientErrorException;

/** Under policies without end, so that the test and no clock decides when the gateway comes back. */
@ShopTest
@TestPropertySource(
        properties = {
            "grip.supervisor.policies.payment.retry.max-attempts=unlimited",
            "grip.supervisor.policies.payment.retry.backoff.max=50ms",
            "grip.supervisor.policies.payment.deadline.timeout=none",
            "grip.supervisor.policies.settlement.retry.max-attempts=unlimited",
            "grip.supervisor.policies.settlement.retry.backoff.max=100ms",
            "grip.supervisor.policies.settlement.deadline.timeout=none",
            "grip.supervisor.policies.settlement.deadline.attempt-timeout=150ms"
        })
class PaymentGatewayTests {

    @Autowired
    private PaymentGateway payments;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void triesAgainUntilTheGatewayIsBack() {
        assertChargedOnceAfterRetries("{\"rates\": {\"unavailable\": 1}}");
    }

    @Test
    void triesAgainWhenTheConnectionIsReset() {
        assertChargedOnceAfterRetries("{\"rates\": {\"reset\": 1}}");
    }

    @Test
    void triesAgainWhenToldWhen() {
        assertChargedOnceAfterRetries("{\"retryAfter\": \"0s\", \"rates\": {\"too-many-requests\": 1}}");
    }

    @Test
    void chargesOnceThoughEachAnswerIsGarbage() {
        assertChargedOnceAfterRetries("{\"rates\": {\"garbage\": 1}}");
    }

    @Test
    void chargesOnceThoughEachAnswerIsLost() {
        assertChargedOnceAfterRetries("{\"rates\": {\"lost-answer\": 1}}");
    }

    /** The request ends because its thread is interrupted; nothing else would end it. */
    @Test
    void givesUpAnAttemptThatHangs() {
        UUID order = UUID.randomUUID();
        long before = meters.attempts("settlement", "timeout");
        gateway.faults("{\"rates\": {\"hang\": 1}}");

        CompletableFuture<Optional<ChargeState>> found = CompletableFuture.supplyAsync(() -> payments.find(order));
        await().atMost(30, TimeUnit.SECONDS).until(() -> meters.attempts("settlement", "timeout") >= before + 2);
        gateway.heal();

        assertThat(found.join()).isEmpty();
    }

    @Test
    void doesNotTryADeclinedCardAgain() {
        double before = meters.retries("payment");

        assertThatExceptionOfType(CardDeclined.class)
                .isThrownBy(() -> payments.charge(UUID.randomUUID(), 100, "tok_declined"));

        assertThat(meters.retries("payment")).isEqualTo(before);
    }

    @Test
    void doesNotTryAClosedKeyAgain() {
        UUID order = UUID.randomUUID();
        double before = meters.retries("payment");

        assertThat(payments.find(order)).isEmpty();
        assertThat(payments.close(order)).isEqualTo(ChargeState.VOID);
        assertThatExceptionOfType(HttpClientErrorException.Conflict.class)
                .isThrownBy(() -> payments.charge(order, 100, "tok_visa"));

        assertThat(payments.find(order)).contains(ChargeState.VOID);
        assertThat(meters.retries("payment")).isEqualTo(before);
    }

    private void assertChargedOnceAfterRetries(String faults) {
        UUID order = UUID.randomUUID();
        double before = meters.retries("payment");
        gateway.faults(faults);

        CompletableFuture<Void> charge = CompletableFuture.runAsync(() -> payments.charge(order, 100, "tok_visa"));
        await().atMost(30, TimeUnit.SECONDS).until(() -> meters.retries("payment") >= before + 2);
        gateway.heal();
        charge.join();

        assertThat(gateway.bookingsOf(order)).hasSize(1);
    }
}
