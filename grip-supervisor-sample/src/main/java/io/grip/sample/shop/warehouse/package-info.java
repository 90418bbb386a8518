/**
 * The warehouse: a third web server in the shop's process, which ships what it is told to. It hears of an order as often as
 * the shop pleases and ships it once.
 */
@NullMarked
package io.grip.sample.shop.warehouse;

import org.jspecify.annotations.NullMarked;
