/**
 * The policies: immutable values, checked when built, and the decisions they make as pure functions. Level 3 of the
 * package graph, above {@code execution}.
 */
@NullMarked
package io.grip.supervisor.policy;

import org.jspecify.annotations.NullMarked;
