package io.grip.sample.shop.order;

/** There is not enough of the product left; nothing was written. */
final class OutOfStock extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutOfStock(String sku, int quantity) {
        super("less than " + quantity + " of " + sku + " left");
    }
}
