package io.grip.supervisor.spring.health;

import io.grip.supervisor.tree.ChildSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.Status;

/** What the state of a child means for health, and what is told of it. Pure functions. */
final class ChildHealth {

    private static final int LONGEST_MESSAGE = 200;
    private static final double NANOS_PER_SECOND = 1e9;

    private ChildHealth() {}

    /** The worse of two. */
    static Status worse(Status one, Status other) {
        return rank(one) >= rank(other) ? one : other;
    }

    private static int rank(Status status) {
        return List.of(Status.UNKNOWN, Status.UP, Status.OUT_OF_SERVICE, Status.DOWN)
                .indexOf(status);
    }

    /**
     * How a child is, apart from those below it.
     *
     * @param outOfServiceAfter from how many failures in a row on a child that is being restarted is not in service
     */
    static Status of(ChildSnapshot child, int outOfServiceAfter) {
        if (child.recovering()) {
            return Status.DOWN;
        }
        return switch (child.state()) {
            case FAILED -> Status.DOWN;
            case HELD -> Status.OUT_OF_SERVICE;
            case BACKING_OFF, RESTARTING, STARTING ->
                child.failures() >= outOfServiceAfter ? Status.OUT_OF_SERVICE : Status.UP;
            case RUNNING, STOPPING, STOPPED, REGISTERED -> Status.UP;
        };
    }

    /** What helps whoever looks: nothing that the worker was given, and no more of a message than a line. */
    static Map<String, Object> details(ChildSnapshot child, Status status) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("path", child.path().isEmpty() ? "/" : child.path());
        details.put("status", status.getCode());
        details.put("state", child.state().name());
        if (child.recovering()) {
            details.put("recovering", true);
        }
        if (child.failures() > 0) {
            details.put("failuresInARow", child.failures());
        }
        child.lastFailure().ifPresent(kind -> details.put("lastFailure", kind.name()));
        child.lastCause().ifPresent(cause -> {
            details.put("exception", cause.getClass().getName());
            details.put("message", shortened(String.valueOf(cause.getMessage())));
        });
        child.nextStart().ifPresent(span -> details.put("nextStartInSeconds", seconds(span)));
        if (!child.abandoned().isEmpty()) {
            details.put(
                    "abandonedThreads",
                    child.abandoned().stream()
                            .map(each -> Map.of(
                                    "generation", each.generation(),
                                    "ageSeconds", seconds(each.age()),
                                    "at", place(each.stack())))
                            .toList());
        }
        return details;
    }

    /** The innermost call that is not the platform's own: where to look first. */
    private static String place(List<StackTraceElement> stack) {
        return stack.stream()
                .filter(frame -> !frame.getClassName().matches("(java|jdk|sun)\\..*"))
                .findFirst()
                .or(() -> stack.stream().findFirst())
                .map(StackTraceElement::toString)
                .orElse("");
    }

    static double seconds(Duration span) {
        return Math.round(span.toNanos() / NANOS_PER_SECOND * 1_000) / 1_000.0;
    }

    private static String shortened(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
