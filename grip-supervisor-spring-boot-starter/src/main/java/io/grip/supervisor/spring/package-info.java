/** The annotations and types a Spring application names; everything else of the starter is reached through them. */
@NullMarked
package io.grip.supervisor.spring;

import org.jspecify.annotations.NullMarked;
