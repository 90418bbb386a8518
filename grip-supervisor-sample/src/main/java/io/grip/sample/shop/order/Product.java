package io.grip.sample.shop.order;

/**
 * Something the shop sells.
 *
 * @param price in cents, for one
 * @param available how many are left to be reserved
 */
record Product(String sku, String name, long price, int available) {}
