package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A child at one moment. Each child's own values belong together; those of different children may be moments apart.
 *
 * @param path the names from below the root down, joined by '/'; empty for the root
 * @param name its own name
 * @param strategy of a supervisor; empty for a worker
 * @param state where it stands
 * @param generation the number of its latest incarnation, 0 before the first
 * @param starts how often it was started since its supervisor began
 * @param failures how many failures in a row count against its budget
 * @param lastFailure how it failed last
 * @param lastCause what it threw then
 * @param up how long it has been up; zero if it is not
 * @param down how long it has not been up: since it last was, or since it was first started; zero while it is up, and if
 *     it was never started
 * @param nextStart in what time it is started again, after a failure or to be revived; empty if that depends on no time
 * @param recovering whether it had failed for good and, revived since, has not been up long enough to be healthy
 * @param abandoned its incarnations that did not end when they were stopped, oldest first
 * @param children of a supervisor, in the order of their start
 */
public record ChildSnapshot(
        String path,
        String name,
        Optional<RestartStrategy> strategy,
        ChildState state,
        long generation,
        long starts,
        int failures,
        Optional<ChildFailure> lastFailure,
        Optional<Throwable> lastCause,
        Duration up,
        Duration down,
        Optional<Duration> nextStart,
        boolean recovering,
        List<AbandonedIncarnation> abandoned,
        List<ChildSnapshot> children) {

    /** Copies the lists. */
    public ChildSnapshot {
        abandoned = List.copyOf(abandoned);
        children = List.copyOf(children);
    }

    /** A direct child by name. */
    public Optional<ChildSnapshot> child(String name) {
        return children.stream().filter(child -> child.name().equals(name)).findFirst();
    }

    /** This one and all below it, each before its children. */
    public Stream<ChildSnapshot> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(ChildSnapshot::all));
    }

    /** How many of the direct children are starting or up. */
    public long active() {
        return children.stream().filter(child -> child.state().isActive()).count();
    }
}
