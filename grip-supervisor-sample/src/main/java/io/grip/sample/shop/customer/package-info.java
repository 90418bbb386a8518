/** A customer who comes with the shop, so that there is something to see; {@code shop.customer.enabled=false} sends it away. */
@NullMarked
package io.grip.sample.shop.customer;

import org.jspecify.annotations.NullMarked;
