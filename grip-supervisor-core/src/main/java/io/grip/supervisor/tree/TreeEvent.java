package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a tree. Events are delivered one after another, not on any thread of the tree's own, and in their order;
 * only between those of children that restart at the same time there is none, though each child's own are in theirs. When
 * the listener is too slow for the queue, some are dropped and counted, and so are those that pass over one that does
 * not come back. What must not be missed is told by {@link SupervisionTree#ended}.
 */
public sealed interface TreeEvent {

    /** The longest text there is of an event. */
    int MAX_TEXT = 1_000;

    /** The path of the child, or of the supervisor for what concerns one; empty for the root. */
    String path();

    /** One line for people, at most {@link #MAX_TEXT} characters long. */
    default String text() {
        return EventText.of(this);
    }

    /** The same as plain values: strings, numbers and booleans, under stable names. */
    default Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("event", getClass().getSimpleName());
        int slash = path().lastIndexOf('/');
        values.put("supervisor", slash < 0 ? "" : path().substring(0, slash));
        values.put("child", path().substring(slash + 1));
        addTo(values);
        return values;
    }

    /** Adds what this kind of event has beyond its path; for {@link #values()}. */
    void addTo(Map<String, Object> values);

    /** An incarnation begins. */
    record Starting(String path, long generation) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
        }
    }

    /** A child is up. */
    record Ready(String path, long generation) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
        }
    }

    /**
     * A child failed.
     *
     * @param attempt which failure in a row this is, from 1
     */
    record Failed(String path, long generation, ChildFailure kind, Optional<Throwable> cause, int attempt)
            implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
            values.put("reason", kind.name());
            values.put("attempt", attempt);
            EventText.putCause(values, cause.orElse(null));
        }
    }

    /**
     * A child will be restarted.
     *
     * @param delay from now; for a group, from now on, when all its members are down
     * @param left how many more failures in a row its budget allows
     */
    record RestartScheduled(String path, Duration delay, int left) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("delayMillis", delay.toMillis());
            values.put("left", left);
        }
    }

    /** A child is up again after a restart that the tree made by itself. */
    record Restarted(String path, long generation) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
        }
    }

    /** A child was asked to stop. */
    record Stopping(String path, long generation) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
        }
    }

    /**
     * An incarnation came to an end that is no failure.
     *
     * @param cause what it threw after it had been asked to stop
     * @param abandoned whether it did not end, and was given up on
     */
    record Stopped(String path, long generation, Optional<Throwable> cause, boolean abandoned) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
            values.put("abandoned", abandoned);
            EventText.putCause(values, cause.orElse(null));
        }
    }

    /**
     * An incarnation did not end when it was stopped.
     *
     * @param stack where its thread is, innermost call first
     */
    record Abandoned(String path, long generation, List<StackTraceElement> stack) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
            values.put("at", stack.isEmpty() ? "" : stack.get(0).toString());
        }
    }

    /** The thread of an abandoned incarnation has ended. */
    record Reaped(String path, long generation) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
        }
    }

    /** The failure of a child is final. */
    record GaveUp(String path, long generation, ChildFailure kind, Optional<Throwable> cause, OnGiveUp next)
            implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("generation", generation);
            values.put("reason", kind.name());
            values.put("next", next.name());
            EventText.putCause(values, cause.orElse(null));
        }
    }

    /** A supervisor has stopped its children and fails. */
    record SupervisorEscalated(String path, EscalatedException cause) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("from", cause.child());
            values.put("reason", cause.reason().name());
            EventText.putCause(values, cause.getCause());
        }
    }

    /**
     * A supervisor begins anew, without the children that had been added while it ran.
     *
     * @param names of at most 20 of them
     * @param count of all of them
     */
    record ChildrenDropped(String path, List<String> names, int count) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("names", String.join(",", names));
            values.put("count", count);
        }
    }

    /** Code of the user's that is called beside the worker threw, or took too long; nothing else follows. */
    record HookFailed(String path, String hook, @Nullable Throwable cause) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("hook", hook);
            EventText.putCause(values, cause);
        }
    }

    /** What was configured cannot do what it looks like. */
    record ConfigUnreachable(String path, String complaint) implements TreeEvent {
        @Override
        public void addTo(Map<String, Object> values) {
            values.put("complaint", complaint);
        }
    }
}
