/** What users hear of an execution while it runs. Level 3 of the package graph, above {@code execution}. */
@NullMarked
package io.grip.supervisor.hook;

import org.jspecify.annotations.NullMarked;
