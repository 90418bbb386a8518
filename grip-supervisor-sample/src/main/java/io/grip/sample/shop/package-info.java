/** A small shop that charges cards at an unreliable payment gateway, supervised. */
@NullMarked
package io.grip.sample.shop;

import org.jspecify.annotations.NullMarked;
