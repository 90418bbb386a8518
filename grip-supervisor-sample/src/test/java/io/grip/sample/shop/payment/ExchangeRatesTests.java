package io.grip.sample.shop.payment;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.sample.shop.GatewayControl;
import io.grip.sample.shop.Meters;
import io.grip.sample.shop.ShopTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.client.RestTestClient;

@ShopTest
class ExchangeRatesTests {

    @Autowired
    private RestTestClient shop;

    @Autowired
    private GatewayControl gateway;

    @Autowired
    private Meters meters;

    @AfterEach
    void heal() {
        gateway.heal();
    }

    @Test
    void fallBackToTheLastKnownRate() {
        priceOf("espresso", "USD").expectBody().jsonPath("$.price").isEqualTo(21.58);
        double before = meters.retries("rates");
        gateway.faults("{\"rates\": {\"unavailable\": 1}}");

        priceOf("espresso", "USD").expectBody().jsonPath("$.price").isEqualTo(21.58);

        assertThat(meters.retries("rates")).isEqualTo(before + 1);
    }

    @Test
    void admitThatThereIsNoRateYet() {
        gateway.faults("{\"rates\": {\"garbage\": 1}}");

        priceOf("espresso", "GBP")
                .expectStatus()
                .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("the exchange rate for GBP is not available now");
    }

    @Test
    void doNotAskAgainForACurrencyThatIsUnknown() {
        double before = meters.retries("rates");

        priceOf("espresso", "XXX").expectStatus().isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);

        assertThat(meters.retries("rates")).isEqualTo(before);
    }

    @Test
    void refuseWhatIsNoCurrency() {
        priceOf("espresso", "dollar")
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("Not valid: currency must match \"[A-Z]{3}\"");
    }

    private RestTestClient.ResponseSpec priceOf(String sku, String currency) {
        return shop.get()
                .uri("/products/{sku}/price?currency={currency}", sku, currency)
                .exchange();
    }
}
