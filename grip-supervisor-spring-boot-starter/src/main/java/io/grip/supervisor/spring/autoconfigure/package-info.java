/**
 * Wires supervision into a Spring Boot application: the properties, the one place where they become policies, the
 * conditions, the failure analyses and the AOT hints. The only package of the starter that sees all others; none of
 * them sees it.
 */
@NullMarked
package io.grip.supervisor.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
