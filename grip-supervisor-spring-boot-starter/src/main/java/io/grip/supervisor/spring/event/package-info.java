/**
 * What happens to executions, as Spring application events. A feature package of the starter: it sees the core and the
 * root package, and no other feature.
 */
@NullMarked
package io.grip.supervisor.spring.event;

import org.jspecify.annotations.NullMarked;
