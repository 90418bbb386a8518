package io.grip.supervisor.spring.observation;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an attempt while it is observed; its parent is the observation of its execution. Used by one thread
 * at a time, as an observation is.
 */
public final class AttemptObservationContext extends Observation.Context {

    private final String supervisor;
    private final Execution execution;
    private final int attempt;
    private @Nullable AttemptOutcome outcome;

    /** An attempt that has not ended. */
    AttemptObservationContext(String supervisor, Execution execution, int attempt) {
        this.supervisor = supervisor;
        this.execution = execution;
        this.attempt = attempt;
    }

    /** The name of the supervisor. */
    public String supervisor() {
        return supervisor;
    }

    /** The execution that it is part of. */
    public Execution execution() {
        return execution;
    }

    /** Its number within the incarnation, from 1. */
    public int attempt() {
        return attempt;
    }

    /** How it has ended; null until it has. */
    public @Nullable AttemptOutcome outcome() {
        return outcome;
    }

    /** It has ended. */
    void ended(AttemptOutcome outcome) {
        this.outcome = outcome;
    }
}
