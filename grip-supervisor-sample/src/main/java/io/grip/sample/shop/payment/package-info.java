/** The shop's side of the payment gateway: everything here goes over the network, and so everything here is supervised. */
@NullMarked
package io.grip.sample.shop.payment;

import org.jspecify.annotations.NullMarked;
