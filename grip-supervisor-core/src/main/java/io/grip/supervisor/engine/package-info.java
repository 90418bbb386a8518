/**
 * One execution, driven to its end. Decisions are pure ({@code Classifier}, {@code Decisions}); the course of an
 * execution has one owner ({@code Progress}); waiting is done by two thin drivers ({@code BlockingRun} on the caller's
 * thread, {@code AsyncRun} on none). Level 5 of the package graph; not for users: its types are public for
 * {@code Supervisor} only.
 */
@NullMarked
package io.grip.supervisor.engine;

import org.jspecify.annotations.NullMarked;
