package io.grip.sample.shop.gateway;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The gateway's settings.
 *
 * @param port where the gateway listens; 0 takes any free port
 * @param faults what goes wrong from the start; {@code PUT /gateway/faults} changes it later
 */
@Validated
@ConfigurationProperties(prefix = "shop.gateway", ignoreUnknownFields = false)
record GatewayProperties(
        @DefaultValue("8081") @Min(0) @Max(65535) int port,
        @DefaultValue @Valid Faults faults) {}
