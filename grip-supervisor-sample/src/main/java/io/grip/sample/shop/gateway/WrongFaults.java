package io.grip.sample.shop.gateway;

/** Faults that cannot be set, and why. */
final class WrongFaults extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    WrongFaults(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
