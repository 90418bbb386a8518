package io.grip.sample.shop.customer;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The built-in customer.
 *
 * @param enabled Whether it places orders
 * @param ordersPerSecond how fast; it waits while {@code atOnce} of its orders are unanswered
 * @param atOnce how many orders it has under way at most
 */
@Validated
@ConfigurationProperties(prefix = "shop.customer", ignoreUnknownFields = false)
record CustomerProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("10") @Min(1) @Max(1000) int ordersPerSecond,
        @DefaultValue("50") @Min(1) @Max(200) int atOnce) {}
