package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.List;

/**
 * An incarnation that did not end when it was stopped. Its thread is still alive, and its child will not start again
 * before it has ended.
 *
 * @param path of the child
 * @param generation of the incarnation
 * @param stack where its thread was when it was given up on, innermost call first
 * @param age how long ago that was
 */
public record AbandonedIncarnation(String path, long generation, List<StackTraceElement> stack, Duration age) {

    /** Copies the stack. */
    public AbandonedIncarnation {
        stack = List.copyOf(stack);
    }
}
