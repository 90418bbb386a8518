package io.grip.sample.shop.warehouse;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The warehouse's settings.
 *
 * @param port where it listens; 0 takes any free port
 */
@Validated
@ConfigurationProperties(prefix = "shop.warehouse", ignoreUnknownFields = false)
record WarehouseProperties(
        @DefaultValue("8082") @Min(0) @Max(65535) int port) {}
