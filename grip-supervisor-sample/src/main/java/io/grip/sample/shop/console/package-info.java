/** What a newcomer sees in the first ten seconds: the supervisors' meters, on one line. */
@NullMarked
package io.grip.sample.shop.console;

import org.jspecify.annotations.NullMarked;
