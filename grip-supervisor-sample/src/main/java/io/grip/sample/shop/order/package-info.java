/** Orders: taking them, deciding them, and settling those whose charge went astray. */
@NullMarked
package io.grip.sample.shop.order;

import org.jspecify.annotations.NullMarked;
