package io.grip.sample.shop.payment;

/** The gateway does not tell the rate now, and has not told it before. */
public final class RateUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RateUnavailable(String currency, Throwable cause) {
        super("the exchange rate for " + currency + " is not available now", cause);
    }
}
