package io.grip.sample.shop.gateway;

/**
 * What the gateway knows of one idempotency key, for good: a key keeps the state it first got.
 *
 * @param amount in cents; 0 for a key that was voided before any charge
 */
record Charge(String key, State state, String order, long amount) {

    enum State {
        CHARGED,
        DECLINED,
        /** Closed by the shop before a charge arrived; none will be accepted. */
        VOID
    }

    boolean isFor(ChargeRequest request) {
        return order.equals(request.order()) && amount == request.amount();
    }
}
