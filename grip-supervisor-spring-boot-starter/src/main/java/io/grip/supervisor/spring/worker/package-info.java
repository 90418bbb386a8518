/**
 * Which beans and methods of an application are workers. A feature package of the starter: it sees the core and the root
 * package, and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.worker;

import org.jspecify.annotations.NullMarked;
