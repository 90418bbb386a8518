/**
 * The one monotonic clock and its timer, behind an interface so that tests can move time by hand. Level 0 of the
 * package graph: it sees nothing else of the library, and it is the only place that reads a clock.
 */
@NullMarked
package io.grip.supervisor.time;

import org.jspecify.annotations.NullMarked;
