package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.hook.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
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
    private final Counter policyChanges;

    /** Publishes the counter to those who count, once there is a budget; replaced under the monitor. */
    private volatile @Nullable Counter retriesRefused;

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
        policyChanges = meters.counter("grip.supervisor.policy.changes", "Changes of the policy while in use");
        registerGauges();
        followPolicy();
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
    }

    /** The meters of a limit and of a budget are there while the policy has one. */
    private synchronized void followPolicy() {
        if (readings.admissionLimit().isPresent()) {
            meters.gauge(
                    "grip.supervisor.admission.limit",
                    "Attempts that may run at once",
                    readings,
                    now -> valueOf(now.admissionLimit()));
            meters.gauge(
                    "grip.supervisor.admission.waiting",
                    "Executions that wait for a permit now",
                    readings,
                    Readings::waiting);
        } else {
            meters.withdraw("grip.supervisor.admission.limit");
            meters.withdraw("grip.supervisor.admission.waiting");
        }
        if (readings.retriesLeft().isPresent()) {
            meters.gauge(
                    "grip.supervisor.retry.budget.available",
                    "Retries that the budget has left now",
                    readings,
                    now -> valueOf(now.retriesLeft()));
            retriesRefused = meters.counter(
                    "grip.supervisor.retry.budget.refused", "Retries not made because the budget had none left");
        } else {
            meters.withdraw("grip.supervisor.retry.budget.available");
            meters.withdraw("grip.supervisor.retry.budget.refused");
        }
    }

    private static double valueOf(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : Double.NaN;
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
    public void retryRefused() {
        Counter refused = retriesRefused;
        if (refused != null) {
            refused.increment();
        }
    }

    @Override
    public void policyChanged() {
        policyChanges.increment();
        followPolicy();
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
