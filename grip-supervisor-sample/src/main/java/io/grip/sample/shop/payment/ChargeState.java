package io.grip.sample.shop.payment;

/** What the gateway made of a charge; it never changes its mind. */
public enum ChargeState {
    CHARGED,
    DECLINED,
    /** Closed before it was made: it never will be. */
    VOID
}
