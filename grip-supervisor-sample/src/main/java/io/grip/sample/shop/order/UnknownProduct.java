package io.grip.sample.shop.order;

/** The shop does not sell this. */
final class UnknownProduct extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownProduct(String sku) {
        super("there is no product " + sku);
    }
}
