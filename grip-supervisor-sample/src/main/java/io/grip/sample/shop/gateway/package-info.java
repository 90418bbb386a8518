/**
 * The payment gateway: the outside world. A second HTTP server in the same process, on a port of its own, that does to the
 * shop what real gateways do to real shops. Nothing in here is supervised and nothing in here knows the shop.
 */
@NullMarked
package io.grip.sample.shop.gateway;

import org.jspecify.annotations.NullMarked;
