/**
 * The Actuator endpoint {@code supervisors}: what supervisors and trees do, by which values, and how those are changed. A
 * feature package: it knows the core and the root package, and is wired by the auto-configuration.
 */
@NullMarked
package io.grip.supervisor.spring.endpoint;

import org.jspecify.annotations.NullMarked;
