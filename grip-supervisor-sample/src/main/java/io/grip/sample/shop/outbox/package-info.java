/** From the shop to the warehouse: messages that are written with their orders, and the workers that see them delivered. */
@NullMarked
package io.grip.sample.shop.outbox;

import org.jspecify.annotations.NullMarked;
