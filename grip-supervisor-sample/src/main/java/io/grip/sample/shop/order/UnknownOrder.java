package io.grip.sample.shop.order;

import java.util.UUID;

/** No order has this id. */
final class UnknownOrder extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownOrder(UUID id) {
        super("there is no order " + id);
    }
}
