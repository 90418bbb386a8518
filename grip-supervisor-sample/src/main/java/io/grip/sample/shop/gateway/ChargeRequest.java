package io.grip.sample.shop.gateway;

import java.util.Objects;

/**
 * A wish to be paid.
 *
 * @param order the shop's reference
 * @param amount in cents
 * @param card a card token; {@code tok_declined} is the one that is always declined
 */
record ChargeRequest(String order, long amount, String card) {

    ChargeRequest {
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(card, "card");
    }
}
