/**
 * What supervisors do, as Micrometer meters. A feature package of the starter: it sees the core and the root package,
 * and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.metrics;

import org.jspecify.annotations.NullMarked;
