/**
 * How trees and supervisors are, as health indicators. A feature package of the starter: it sees the core and the root
 * package, and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.health;

import org.jspecify.annotations.NullMarked;
