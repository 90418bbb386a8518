/**
 * How supervisors follow the life of their application context. A feature package of the starter: it sees the core and
 * the root package, and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.lifecycle;

import org.jspecify.annotations.NullMarked;
