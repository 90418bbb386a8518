package io.grip.supervisor.execution;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one execution: the name of what is executed, and an id that tells it from all others of this JVM.
 * Safe for use by any thread.
 */
public final class Execution {

    private static final AtomicLong IDS = new AtomicLong();

    private final String name;

    /** The id, or null before anyone has asked; benign to read late, since {@link #id()} settles it under the monitor. */
    private volatile @Nullable String id;

    private Execution(String name) {
        this.name = name;
    }

    /**
     * A new execution.
     *
     * @param name what is executed, not blank; several executions may bear one name
     * @throws IllegalArgumentException if the name is blank
     */
    public static Execution of(String name) {
        if (Objects.requireNonNull(name, "name").isBlank()) {
            throw new IllegalArgumentException("the name of an execution must not be blank");
        }
        return new Execution(name);
    }

    /** What is executed. */
    public String name() {
        return name;
    }

    /** The name and a number, unique within this JVM; made on the first call and the same ever after. */
    public String id() {
        String known = id;
        return known != null ? known : assignId();
    }

    private synchronized String assignId() {
        String known = id;
        if (known == null) {
            known = name + "#" + IDS.incrementAndGet();
            id = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return id();
    }
}
