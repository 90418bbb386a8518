package io.grip.supervisor.spring.observation;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an execution while it is observed. Used by one thread at a time, as an observation is; each hands it
 * on to the next.
 */
public final class SupervisorObservationContext extends Observation.Context {

    private final String supervisor;
    private final Execution execution;
    private @Nullable Result<?> result;
    private String exceptionName;

    /**
     * An execution that has not ended.
     *
     * @param supervisor the name of its supervisor
     * @param exceptionName what stands for no exception
     */
    SupervisorObservationContext(String supervisor, Execution execution, String exceptionName) {
        this.supervisor = supervisor;
        this.execution = execution;
        this.exceptionName = exceptionName;
    }

    /** The name of the supervisor. */
    public String supervisor() {
        return supervisor;
    }

    /** The execution. */
    public Execution execution() {
        return execution;
    }

    /** What came of it; null until it has ended. */
    public @Nullable Result<?> result() {
        return result;
    }

    /** How it failed; {@link FailureKind#NONE} on success, and until it has ended. */
    public FailureKind failure() {
        return result == null ? FailureKind.NONE : result.failure();
    }

    /**
     * The simple name of the exception it failed with; {@code none} on success, and until it has ended. A supervisor has
     * at most 20 of them, then {@code other}.
     */
    public String exceptionName() {
        return exceptionName;
    }

    /** It has ended. */
    void ended(Result<?> result, String exceptionName) {
        this.result = result;
        this.exceptionName = exceptionName;
    }
}
