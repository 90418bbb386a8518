/**
 * Who runs supervised code, and who may interrupt it: a slot for each thread, frames for the supervised stretches on it,
 * the handshake between the end of a stretch and an interrupt, the watchdog that keeps limits, and the threads that the
 * library starts. Level 1 of the package graph, above {@code time}; not for users: its types are public for their
 * neighbours only.
 *
 * <p>The protocol is written out in {@link io.grip.supervisor.thread.Frame}.
 */
@NullMarked
package io.grip.supervisor.thread;

import org.jspecify.annotations.NullMarked;
