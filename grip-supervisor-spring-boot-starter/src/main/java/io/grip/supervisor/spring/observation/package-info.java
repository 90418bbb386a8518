/**
 * What supervisors do, as Micrometer observations, and so as traces. A feature package of the starter: it sees the core
 * and the root package, and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.observation;

import org.jspecify.annotations.NullMarked;
