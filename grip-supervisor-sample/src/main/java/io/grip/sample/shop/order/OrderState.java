package io.grip.sample.shop.order;

/**
 * Where an order stands.
 *
 * <pre>
 *                +--> CONFIRMED   charged, stock kept
 *   PENDING -----+--> REFUSED     not charged and never will be, stock given back
 *      |         |
 *      |         +--> REJECTED    never sent to the gateway, stock given back
 *      v
 *   CHARGE_UNKNOWN --> CONFIRMED or REFUSED, once the gateway has been asked again
 * </pre>
 */
public enum OrderState {
    /** Written before the charge is tried, so that a crash loses nothing. */
    PENDING,
    CONFIRMED,
    REFUSED,
    REJECTED,
    /** The charge was tried and its answer lost: the stock is kept until the order is settled. */
    CHARGE_UNKNOWN;

    boolean isOpen() {
        return this == PENDING || this == CHARGE_UNKNOWN;
    }
}
