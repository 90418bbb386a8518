/**
 * Permits: how many attempts may run at once, and in which order those who wait are served. Level 4 of the package
 * graph; not for users: its types are public for the engine only.
 */
@NullMarked
package io.grip.supervisor.admission;

import org.jspecify.annotations.NullMarked;
