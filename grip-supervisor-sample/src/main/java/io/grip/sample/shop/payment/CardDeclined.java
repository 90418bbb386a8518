package io.grip.sample.shop.payment;

/** The gateway's answer to a card that will not pay: final, so never tried again. */
public final class CardDeclined extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CardDeclined() {
        super("the card was declined");
    }
}
