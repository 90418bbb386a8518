package io.grip.sample.shop.order;

import io.grip.sample.shop.payment.ExchangeRates;
import jakarta.validation.constraints.Pattern;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

@RestController
class ProductController {

    /** @param price for one, in the currency asked for */
    record Price(String sku, BigDecimal price, String currency) {}

    private final Products products;
    private final ExchangeRates rates;

    ProductController(Products products, ExchangeRates rates) {
        this.products = products;
        this.rates = rates;
    }

    @GetMapping("/products")
    List<Product> all() {
        return products.all();
    }

    @GetMapping("/products/{sku}/price")
    Mono<Price> price(
            @PathVariable String sku,
            @RequestParam(defaultValue = "EUR") @Pattern(regexp = "[A-Z]{3}") String currency) {
        BigDecimal euros = BigDecimal.valueOf(products.get(sku).price(), 2);
        return rates.rate(currency)
                .map(rate -> new Price(sku, euros.multiply(rate).setScale(2, RoundingMode.HALF_UP), currency));
    }
}
