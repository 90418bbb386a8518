package io.grip.supervisor.execution;

import java.time.Duration;

/** No permit came free in time, so the task was never called. */
public final class AdmissionRejectedException extends SupervisionException {

    private static final long serialVersionUID = 1L;

    private final int limit;
    private final int inFlight;
    private final Duration waited;

    /**
     * Made by the engine.
     *
     * @param name the supervisor
     * @param limit how many attempts may run at once
     * @param inFlight how many held a permit when it was refused
     * @param waited how long it waited for one
     */
    public AdmissionRejectedException(String name, int limit, int inFlight, Duration waited) {
        super(
                "'" + name + "' admits " + limit + " at once and " + inFlight + " are running; refused after waiting "
                        + waited,
                null);
        this.limit = limit;
        this.inFlight = inFlight;
        this.waited = waited;
    }

    /** How many attempts may run at once. */
    public int limit() {
        return limit;
    }

    /** How many held a permit when this execution was refused. */
    public int inFlight() {
        return inFlight;
    }

    /** How long this execution waited. */
    public Duration waited() {
        return waited;
    }
}
