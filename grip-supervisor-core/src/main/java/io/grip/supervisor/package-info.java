/** Supervision of executions: the supervisor and its builder, which wire the other packages together. */
@NullMarked
package io.grip.supervisor;

import org.jspecify.annotations.NullMarked;
