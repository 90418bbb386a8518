package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.spring.ExceptionNames;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a supervisor's executions: one for success, and for each kind of failure one for each name of an
 * exception that has been seen. Called by any thread; allocates only when it sees a name for the first time.
 */
final class ExecutionTimers {

    private final OwnMeters meters;
    private final ExceptionNames names = new ExceptionNames();
    private final Timer success;
    private final Map<FailureKind, Map<String, Timer>> failures = new EnumMap<>(FailureKind.class);

    /** Registers the timer of success, and one without an exception for each kind of failure. */
    ExecutionTimers(OwnMeters meters) {
        this.meters = meters;
        success = register(FailureKind.NONE, ExceptionNames.NONE);
        for (FailureKind kind : FailureKind.values()) {
            if (kind != FailureKind.NONE) {
                Map<String, Timer> byName = new ConcurrentHashMap<>();
                byName.put(ExceptionNames.NONE, register(kind, ExceptionNames.NONE));
                failures.put(kind, byName);
            }
        }
    }

    void record(FailureKind kind, @Nullable Throwable cause, long nanos) {
        Map<String, Timer> byName = failures.get(kind);
        Timer timer = byName == null ? success : timer(kind, byName, ExceptionNames.of(cause));
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(FailureKind kind, Map<String, Timer> byName, String exception) {
        Timer known = byName.get(exception);
        return known != null
                ? known
                : byName.computeIfAbsent(names.admit(exception), admitted -> register(kind, admitted));
    }

    private Timer register(FailureKind kind, String exception) {
        return meters.timer(
                "grip.supervisor.executions",
                "Executions from the call to the end, waits and refused ones included",
                "outcome",
                outcome(kind),
                "failure",
                lowerCase(kind),
                "exception",
                exception);
    }

    private static String outcome(FailureKind kind) {
        return switch (kind) {
            case NONE -> "success";
            case HANDLER_ERROR, PANIC -> "failure";
            case CONTEXT_CANCELLED -> "cancelled";
            case SHUTDOWN -> "shutdown";
            case REJECTED -> "rejected";
        };
    }

    private static String lowerCase(FailureKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
