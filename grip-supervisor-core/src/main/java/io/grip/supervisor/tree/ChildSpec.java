package io.grip.supervisor.tree;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * A worker and the rules it is kept alive by. Immutable; one spec may stand in several trees.
 *
 * @param name unique among its siblings; not blank, without '/'
 * @param worker the code
 * @param restart when it is restarted
 * @param start how it starts
 * @param stop how it is stopped
 * @param heartbeat how long it may go without a heartbeat while it runs; empty (the default): it is not watched
 * @param classifier what a throwable of its calls for
 */
public record ChildSpec(
        String name,
        Worker worker,
        RestartRules restart,
        StartRules start,
        StopRules stop,
        Optional<Duration> heartbeat,
        FailureClassifier classifier)
        implements Spec {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of range; it names field, value and range
     */
    public ChildSpec {
        Checks.name("child name", Checks.notNull("child name", name));
        Checks.notNull("worker", worker);
        Checks.notNull("restart", restart);
        Checks.notNull("start", start);
        Checks.notNull("stop", stop);
        Checks.notNull("heartbeat", heartbeat).ifPresent(span -> Checks.positive("heartbeat", span));
        Checks.notNull("classifier", classifier);
    }

    /** A worker with the defaults: restarted always, 10 failures in a row, stopped within 10 s. */
    public static ChildSpec of(String name, Worker worker) {
        return new ChildSpec(
                name,
                worker,
                RestartRules.defaults(),
                StartRules.defaults(),
                StopRules.defaults(),
                Optional.empty(),
                FailureClassifier.defaults());
    }

    /** This spec under another name. */
    public ChildSpec withName(String name) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }

    /** This spec with other code. */
    public ChildSpec withWorker(Worker worker) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }

    /** This spec with other rules of restart. */
    public ChildSpec withRestart(RestartRules restart) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }

    /** This spec with another restart policy. */
    public ChildSpec withRestart(RestartPolicy policy) {
        return withRestart(restart.withPolicy(policy));
    }

    /** This spec with another backoff. */
    public ChildSpec withBackoff(BackoffPolicy backoff) {
        return withRestart(restart.withBackoff(backoff));
    }

    /** This spec with another jitter, from 0 to 1. */
    public ChildSpec withJitter(double jitter) {
        return withRestart(restart.withJitter(jitter));
    }

    /** This spec with another number of failures in a row that are followed by a restart, zero or more. */
    public ChildSpec withConsecutiveFailures(int failures) {
        return withRestart(restart.withConsecutiveFailures(failures));
    }

    /** This spec with another healthy stretch after which failures are forgotten, positive. */
    public ChildSpec withResetAfter(Duration span) {
        return withRestart(restart.withResetAfter(span));
    }

    /** This spec with another time after which it is tried again once it has failed for good, positive. */
    public ChildSpec withReviveAfter(Duration span) {
        return withRestart(restart.withReviveAfter(span));
    }

    /** This spec without revival: once failed for good, only a manual restart brings it back. */
    public ChildSpec withoutRevival() {
        return withRestart(restart.withoutRevival());
    }

    /** This spec with another answer to a final failure. */
    public ChildSpec withOnGiveUp(OnGiveUp onGiveUp) {
        return withRestart(restart.withOnGiveUp(onGiveUp));
    }

    /** This spec with other rules of start. */
    public ChildSpec withStart(StartRules start) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }

    /** This spec as one that is up only once it has said {@link WorkerContext#ready()}. */
    public ChildSpec awaitReady() {
        return withStart(new StartRules(start.timeout(), start.first(), true, start.settle()));
    }

    /** This spec with another time within which it has to say that it is ready, positive. */
    public ChildSpec withStartTimeout(Duration timeout) {
        return withStart(new StartRules(timeout, start.first(), start.awaitReady(), start.settle()));
    }

    /** This spec with another answer to a failed first start. */
    public ChildSpec withFirstStart(FirstStart first) {
        return withStart(new StartRules(start.timeout(), first, start.awaitReady(), start.settle()));
    }

    /** This spec with another time within which a failure counts as a failed first start, zero or more. */
    public ChildSpec withSettle(Duration settle) {
        return withStart(new StartRules(start.timeout(), start.first(), start.awaitReady(), settle));
    }

    /** This spec with other rules of stop. */
    public ChildSpec withStop(StopRules stop) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }

    /**
     * This spec with another stop ladder.
     *
     * @param grace how long it has before it is interrupted, zero or more
     * @param abandonAfter how long after it was asked it is given up on, positive, not below the grace
     */
    public ChildSpec withStop(Duration grace, Duration abandonAfter) {
        return withStop(new StopRules(grace, abandonAfter, stop.onStop()));
    }

    /** This spec with something to call when it is asked to stop; never on its own thread. */
    public ChildSpec withOnStop(Runnable onStop) {
        return withStop(new StopRules(stop.grace(), stop.abandonAfter(), Optional.of(onStop)));
    }

    /** This spec with a watchdog: one that gives no heartbeat for this long, positive, has failed as HUNG. */
    public ChildSpec withHeartbeat(Duration heartbeat) {
        return new ChildSpec(name, worker, restart, start, stop, Optional.of(heartbeat), classifier);
    }

    /** This spec with other verdicts on throwables. */
    public ChildSpec withClassifier(FailureClassifier classifier) {
        return new ChildSpec(name, worker, restart, start, stop, heartbeat, classifier);
    }
}
