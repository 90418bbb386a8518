package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.hook.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one supervisor as meters, all there at zero before its first execution. Called by any thread, on the
 * path of every execution: records on meters that it holds, without looking any up.
 */
final class SupervisorMeters implements Telemetry {

    private final OwnMeters meters;
    private final ExecutionTimers executions;
    private final Timer[] attempts;
    private final Timer backoff;
    private final Timer admissionWait;
    private final Counter retries;
    private final Counter restarts;
    private final Counter giveUps;
    private final Counter escalations;
    private final Counter rejections;
    private final Counter hookErrors;
    private final Counter lateResults;

    /** Kept here, since gauges do not keep alive what they read. */
    private final Readings readings;

    /**
     * Registers them all.
     *
     * @param readings what the gauges read
     */
    SupervisorMeters(String supervisor, MeterRegistry registry, Readings readings) {
        this.readings = readings;
        meters = new OwnMeters(registry, supervisor);
        executions = new ExecutionTimers(meters);
        attempts =
                Arrays.stream(AttemptOutcome.values()).map(this::attemptTimer).toArray(Timer[]::new);
        backoff = meters.timer("grip.supervisor.backoff", "Time spent waiting before retries and restarts");
        admissionWait =
                meters.timer("grip.supervisor.admission.wait", "Time spent waiting for a permit, by those who waited");
        retries = meters.counter("grip.supervisor.retries", "Retries decided");
        restarts = meters.counter("grip.supervisor.restarts", "Restarts decided");
        giveUps = meters.counter("grip.supervisor.giveups", "Executions that the supervisor gave up");
        escalations = meters.counter("grip.supervisor.escalations", "Final failures that went up");
        rejections = meters.counter("grip.supervisor.rejections", "Executions that admission refused");
        hookErrors = meters.counter("grip.supervisor.hook.errors", "Hooks and event listeners that threw");
        lateResults = meters.counter("grip.supervisor.late.results", "Values that came when nobody waited any more");
        registerGauges();
    }

    private Timer attemptTimer(AttemptOutcome outcome) {
        return meters.timer(
                "grip.supervisor.attempts",
                "Attempts, the first of each execution included",
                "outcome",
                outcome.name().toLowerCase(Locale.ROOT));
    }

    private void registerGauges() {
        meters.gauge("grip.supervisor.in.flight", "Attempts that run now", readings, Readings::inFlight);
        meters.gauge(
                "grip.supervisor.threads.abandoned",
                "Threads that still run an attempt nobody waits for",
                readings,
                Readings::abandonedThreads);
        readings.admissionLimit().ifPresent(limit -> {
            meters.gauge("grip.supervisor.admission.limit", "Attempts that may run at once", readings, now -> limit);
            meters.gauge(
                    "grip.supervisor.admission.waiting",
                    "Executions that wait for a permit now",
                    readings,
                    Readings::waiting);
        });
    }

    @Override
    public void execution(FailureKind kind, @Nullable Throwable cause, long nanos) {
        executions.record(kind, cause, nanos);
    }

    @Override
    public void attempt(AttemptOutcome outcome, long nanos) {
        attempts[outcome.ordinal()].record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void backoff(long nanos) {
        backoff.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void admissionWait(long nanos) {
        admissionWait.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void retry() {
        retries.increment();
    }

    @Override
    public void restart() {
        restarts.increment();
    }

    @Override
    public void giveUp() {
        giveUps.increment();
    }

    @Override
    public void escalation() {
        escalations.increment();
    }

    @Override
    public void rejection() {
        rejections.increment();
    }

    @Override
    public void hookError() {
        hookErrors.increment();
    }

    @Override
    public void lateResult() {
        lateResults.increment();
    }

    @Override
    public void closed() {
        meters.remove();
    }
}
