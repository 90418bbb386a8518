package io.grip.supervisor.execution;

import java.time.Duration;
import java.util.List;

/**
 * A thread that was left behind at a limit, interrupted, and lives on. Its attempt is over for the caller; its permit
 * stays with it until it ends.
 *
 * @param thread its name
 * @param age how long it has lived on since it was interrupted
 * @param stack what it does at this moment, innermost frame first
 */
public record AbandonedThread(String thread, Duration age, List<StackTraceElement> stack) {

    /** Copies the stack. */
    public AbandonedThread {
        stack = List.copyOf(stack);
    }
}
