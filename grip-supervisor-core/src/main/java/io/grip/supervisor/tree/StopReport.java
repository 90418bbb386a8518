package io.grip.supervisor.tree;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a stop went, for a child and all below it.
 *
 * @param path of the child, empty for the root
 * @param state where it stands: STOPPED or FAILED where all went well; STOPPING if the stop is still under way
 * @param generation of its last incarnation
 * @param waited how long its stop took
 * @param abandoned its incarnations that are still alive, with their stacks
 * @param children the same of its children, in the order of their start
 */
public record StopReport(
        String path,
        ChildState state,
        long generation,
        Duration waited,
        List<AbandonedIncarnation> abandoned,
        List<StopReport> children) {

    /** Copies the lists. */
    public StopReport {
        abandoned = List.copyOf(abandoned);
        children = List.copyOf(children);
    }

    /** Whether everything has ended and nothing is left. */
    public boolean isClean() {
        return all().allMatch(each -> each.abandoned().isEmpty() && each.isDown());
    }

    /** Those that did not end: a child for each, whatever the depth. */
    public List<StopReport> leftBehind() {
        return all().filter(each -> !each.abandoned().isEmpty()
                        || each.state() == ChildState.STOPPING
                                && each.children().isEmpty())
                .toList();
    }

    private boolean isDown() {
        return switch (state) {
            case REGISTERED, STOPPED, FAILED -> true;
            case STARTING, RUNNING, BACKING_OFF, RESTARTING, STOPPING, HELD -> false;
        };
    }

    /** This one and all below it, each before its children. */
    public Stream<StopReport> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(StopReport::all));
    }
}
