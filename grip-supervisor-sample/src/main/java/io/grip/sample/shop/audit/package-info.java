/** What the supervisors gave up, for the books. */
@NullMarked
package io.grip.sample.shop.audit;

import org.jspecify.annotations.NullMarked;
