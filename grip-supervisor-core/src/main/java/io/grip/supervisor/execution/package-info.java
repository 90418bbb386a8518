/**
 * What is executed and what comes of it: tasks, executions, contexts, results, failure kinds, and the two runners that
 * call tasks. Level 2 of the package graph, above {@code time} and {@code thread}.
 */
@NullMarked
package io.grip.supervisor.execution;

import org.jspecify.annotations.NullMarked;
