package io.grip.sample.shop.order;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An order as it is written down. The card is not: nobody needs it twice.
 *
 * @param amount in cents
 * @param reason why the order is not confirmed, where there is something to say
 */
public record Order(
        UUID id,
        String sku,
        int quantity,
        long amount,
        OrderState state,
        @Nullable String reason) {}
