package io.grip.sample.shop.payment;

/** The gateway has no rate for this currency, and asking again will not make one. */
public final class UnknownCurrency extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownCurrency(String currency) {
        super("there is no exchange rate for " + currency);
    }
}
