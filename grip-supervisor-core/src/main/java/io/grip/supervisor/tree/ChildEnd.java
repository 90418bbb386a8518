package io.grip.supervisor.tree;

import java.util.Optional;

/**
 * How a child ended: not one incarnation of it, but the child, which nothing will start again by itself but a revival.
 *
 * @param path of the child
 * @param generation of its last incarnation, 0 if it never had one
 * @param state STOPPED or FAILED
 * @param failure how it failed; empty if it ended well or was stopped
 * @param cause what it threw last, where it failed and threw
 * @param abandoned whether an incarnation of it is still alive
 */
public record ChildEnd(
        String path,
        long generation,
        ChildState state,
        Optional<ChildFailure> failure,
        Optional<Throwable> cause,
        boolean abandoned) {}
