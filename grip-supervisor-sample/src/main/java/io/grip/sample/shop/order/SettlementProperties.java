package io.grip.sample.shop.order;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How open orders are settled.
 *
 * @param every the pause between two rounds
 * @param pendingFor an order pending for so long was left behind by a crash; longer than any checkout takes
 * @param batch how many orders a round takes at most
 */
@Validated
@ConfigurationProperties(prefix = "shop.settlement", ignoreUnknownFields = false)
record SettlementProperties(
        @DefaultValue("2s") @DurationMin(millis = 1) Duration every,
        @DefaultValue("30s") @DurationMin(seconds = 1) Duration pendingFor,
        @DefaultValue("100") @Min(1) int batch) {}
