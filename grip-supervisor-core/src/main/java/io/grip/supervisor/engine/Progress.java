package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.RetryableThrowables;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The course of one execution: where it stands, and what its driver has to do next.
 *
 * <pre>
 *   start --> ADMIT --> ATTEMPT --> DONE
 *    |         |  ^        |
 *    |         |  +- WAIT <+   retry, restart
 *    v         v      v
 *   DONE      DONE   DONE      refused, or the wait was ended
 * </pre>
 *
 * <p>Both drivers share it, so blocking and asynchronous executions have one truth. It has one owner at a time, who
 * hands it on by a volatile write or a thread's start; hooks run inside its transitions, on the owner's thread, with no
 * lock held.
 */
final class Progress<T extends @Nullable Object> implements EngineExceptions {

    /** What the driver has to do next. */
    enum Step {
        /** Obtain a permit; then {@link #admitted}, {@link #rejected} or {@link #waitEnded}. */
        ADMIT,
        /** Make an attempt; then {@link #attemptEnded}. */
        ATTEMPT,
        /** Wait for {@link #delay()}; then {@link #waited} or {@link #waitEnded}. */
        WAIT,
        /** Hand out the {@link #result()}. */
        DONE
    }

    private final Engine engine;
    private final SupervisorPolicy policy;
    private final Observers observers;
    private final Execution execution;
    private final RunContext context;
    private final Start start;

    private int attempts;
    private int attempt = 1;
    private int restarts;
    private int restartsSinceHealthy;
    private long incarnationStartedAt;
    private boolean started;
    private boolean attempted;
    private @Nullable Intensity intensity;
    private @Nullable Throwable lastFailure;
    private EarlierFailures earlier = new EarlierFailures();
    private boolean restartNext;
    private long delay;
    private @Nullable ExecutionResult<T> result;
    private @Nullable Traced trace;
    private InterruptedBy interruptedBy = InterruptedBy.NOBODY;

    Progress(Engine engine, Execution execution, RunContext context, Start start) {
        this.engine = engine;
        this.policy = start.rules().policy();
        this.observers = engine.observers();
        this.execution = execution;
        this.context = context;
        this.start = start;
        this.incarnationStartedAt = start.at();
    }

    /** The first step. A closed supervisor answers before anything else. */
    Step begin() {
        trace = engine.trace(execution);
        EndReason reason = engine.isClosed() ? EndReason.SHUTDOWN : context.whyUnwanted();
        return reason == EndReason.NONE ? Step.ADMIT : waitEnded(reason);
    }

    /**
     * It goes on from attempts that were made before it was there, each of which was followed by a retry on the spot but for
     * the last, whose end is still to come.
     *
     * @param attempt the number of the last one
     * @param failures how the others have failed
     */
    void goOnAt(int attempt, EarlierFailures failures) {
        this.attempt = attempt;
        attempts = attempt - 1;
        attempted = attempts > 0;
        earlier = failures;
        lastFailure = failures.last();
    }

    /** Why a wait should end before its time; {@link EndReason#NONE} if it should not. */
    EndReason reasonToStop() {
        EndReason unwanted = context.whyUnwanted();
        if (unwanted != EndReason.NONE) {
            return unwanted;
        }
        return engine.isShuttingDown() ? EndReason.SHUTDOWN : EndReason.NONE;
    }

    /** A permit is there. */
    Step admitted() {
        if (!started) {
            started = true;
            Budget budget = start.rules().budget();
            if (budget != null) {
                budget.earn();
            }
            observers.tell(hooks -> hooks.onStart(execution));
        }
        if (attempt == 1) {
            incarnationStartedAt = now();
        }
        return Step.ATTEMPT;
    }

    /** No permit came in time; only before the first attempt. */
    Step rejected(int limit, int inUse, long waited) {
        observers.count(Telemetry::rejection);
        AdmissionRejectedException refusal =
                new AdmissionRejectedException(engine.name(), limit, inUse, Duration.ofNanos(waited));
        return end(Failure.of(FailureKind.REJECTED, refusal), false);
    }

    /** What the attempt about to be made calls: its task, or that within a trace. */
    <R extends @Nullable Object> Task<R> traced(Task<R> task) {
        return trace == null ? task : trace.attempt(attempt, task);
    }

    /** An attempt is over, and its permit is back. */
    Step attemptEnded(Attempt<T> ended, long nanos) {
        attempts = next(attempts);
        attempted = true;
        if (ended.succeeded()) {
            observers.count(telemetry -> telemetry.attempt(AttemptOutcome.SUCCESS, nanos));
            if (trace != null) {
                trace.attemptEnded(AttemptOutcome.SUCCESS, null);
            }
            return succeeded(Objects.requireNonNull(ended.report()).value());
        }
        Failure failure = Classifier.classify(ended, this);
        AttemptOutcome outcome = outcomeOf(failure, ended.thrown());
        observers.count(telemetry -> telemetry.attempt(outcome, nanos));
        if (trace != null) {
            trace.attemptEnded(outcome, failure.cause());
        }
        return failed(failure, !ended.committed());
    }

    /** The wait before a retry or restart is over, unless there is a reason by now to end the execution. */
    Step waited() {
        EndReason reason = reasonToStop();
        if (reason != EndReason.NONE) {
            return waitEnded(reason);
        }
        if (restartNext) {
            attempt = 1;
        } else {
            attempt = next(attempt);
        }
        return Step.ADMIT;
    }

    /** A wait, for a permit or before a retry or restart, was ended before its time. */
    Step waitEnded(EndReason reason) {
        return end(Classifier.ended(reason, lastFailure, this), false);
    }

    /**
     * A wait was ended because the waiting thread is interrupted.
     *
     * @param by whose interrupt it is
     */
    Step waitInterrupted(InterruptedBy by) {
        InterruptedException cause = new InterruptedException("'" + engine.name() + "' was interrupted while waiting");
        if (lastFailure != null) {
            cause.initCause(lastFailure);
        }
        return end(new Failure(FailureKind.CONTEXT_CANCELLED, cause, by), false);
    }

    /** What should not happen has happened, to the library or to what users plugged into it: the execution still ends. */
    Step broken(Throwable thrown) {
        return result != null ? Step.DONE : end(Failure.of(FailureKind.PANIC, thrown), false);
    }

    /** As {@link #broken}, where not even that can be told: there is a result, and nobody hears of it. */
    void endSilently(Throwable thrown) {
        if (result == null) {
            List<Throwable> none = List.of();
            result = new ExecutionResult<>(
                    null, FailureKind.PANIC, thrown, attempts, restarts, Duration.ZERO, false, none);
        }
        if (trace != null) {
            trace.ended(result);
        }
    }

    private Step succeeded(T value) {
        Decision decision;
        try {
            decision = Decisions.afterSuccess(policy, situation());
        } catch (Throwable thrown) {
            observers.failed("the backoff", thrown);
            decision = Decision.END;
        }
        if (decision.next() == Decision.Next.RESTART) {
            lastFailure = null;
            return restart(decision.delay(), null);
        }
        return end(value);
    }

    private Step failed(Failure failure, boolean repeatable) {
        Decision decision = affordable(decide(failure, repeatable));
        return switch (decision.next()) {
            case RETRY -> retry(decision.delay(), failure.cause());
            case RESTART -> {
                remember(failure.cause());
                yield restart(decision.delay(), failure.cause());
            }
            case END -> end(failure, decision.exhausted());
            case END_BY_SHUTDOWN -> end(Classifier.ended(EndReason.SHUTDOWN, failure.cause(), this), false);
        };
    }

    private Decision decide(Failure failure, boolean repeatable) {
        try {
            boolean worthRetry = isWorthRetry(failure.cause());
            Optional<Duration> hint = worthRetry ? engine.hintOf(failure.cause()) : Optional.empty();
            return Decisions.afterFailure(policy, failure.kind(), repeatable, worthRetry, hint, situation());
        } catch (Throwable thrown) {
            observers.failed("the retry decision", thrown);
            return Decision.END;
        }
    }

    /** A retry that the budget has no room for is not made, as one that the deadline has no room for. */
    private Decision affordable(Decision decision) {
        Budget budget = start.rules().budget();
        if (budget == null || decision.next() != Decision.Next.RETRY || budget.trySpend()) {
            return decision;
        }
        observers.count(Telemetry::retryRefused);
        return Decision.END_EXHAUSTED;
    }

    private boolean isWorthRetry(Throwable cause) {
        return !(RetryableThrowables.unwrap(cause) instanceof SupervisorShutdownException)
                && policy.retry().isRetryable(cause);
    }

    private Situation situation() {
        Long deadline = start.deadline();
        Long room =
                deadline == null ? null : Long.valueOf(deadline - engine.time().nanoTime());
        boolean restarts = policy.restart() != RestartPolicy.NEVER;
        if (restarts && intensity == null) {
            intensity = new Intensity(policy.intensity());
        }
        long now = restarts ? engine.time().nanoTime() : 0;
        if (intensity != null && intensity.isHealthy(now - incarnationStartedAt)) {
            restartsSinceHealthy = 0;
        }
        boolean allowed = intensity != null && intensity.allows(now);
        double draw = ThreadLocalRandom.current().nextDouble();
        return new Situation(attempt, room, engine.isShuttingDown(), allowed, restartsSinceHealthy, draw);
    }

    private Step retry(long delay, Throwable cause) {
        remember(cause);
        restartNext = false;
        int next = next(attempt);
        observers.count(Telemetry::retry);
        if (trace != null) {
            trace.retry(next, Duration.ofNanos(delay), cause);
        }
        if (observers.hasHooks()) {
            Duration wait = Duration.ofNanos(delay);
            observers.tell(hooks -> hooks.onRetry(execution, next, wait, cause));
        }
        return await(delay);
    }

    private Step restart(long delay, @Nullable Throwable cause) {
        restartNext = true;
        restarts = next(restarts);
        restartsSinceHealthy = next(restartsSinceHealthy);
        Objects.requireNonNull(intensity, "restarts are counted")
                .count(engine.time().nanoTime());
        observers.count(Telemetry::restart);
        int number = restarts;
        if (trace != null) {
            trace.restart(number, cause);
        }
        observers.tell(hooks -> hooks.onRestart(execution, number, cause));
        return await(delay);
    }

    private Step await(long wait) {
        delay = wait;
        return Step.WAIT;
    }

    /** Keeps a failure that another attempt will follow. */
    private void remember(Throwable failure) {
        earlier.add(failure);
        lastFailure = failure;
    }

    private Step end(T value) {
        return finish(new Outcome<>(value, null), false);
    }

    private Step end(Failure failure, boolean exhausted) {
        interruptedBy = failure.interruptedBy();
        return finish(new Outcome<>(null, failure), exhausted);
    }

    /** Either a value or a failure. */
    private record Outcome<T extends @Nullable Object>(
            @Nullable T value, @Nullable Failure failure) {}

    private Step finish(Outcome<T> outcome, boolean exhausted) {
        Failure failure = outcome.failure();
        FailureKind kind = failure == null ? FailureKind.NONE : failure.kind();
        Throwable cause = failure == null ? null : failure.cause();
        boolean escalates = policy.shouldEscalate(kind, exhausted);
        long nanos = now() - start.at();
        ExecutionResult<T> made = new ExecutionResult<>(
                outcome.value(), kind, cause, attempts, restarts, Duration.ofNanos(nanos), escalates, earlier.list());
        result = made;
        observers.count(telemetry -> telemetry.execution(kind, cause, nanos));
        if (trace != null && escalates) {
            trace.escalation();
        }
        announce(made, escalates);
        if (trace != null) {
            trace.ended(made);
        }
        return Step.DONE;
    }

    private void announce(ExecutionResult<T> made, boolean escalates) {
        if (made.isSuccess()) {
            observers.tell(hooks -> hooks.onSuccess(execution, made));
            return;
        }
        observers.tell(hooks -> hooks.onFailure(execution, made));
        if (isOwnDecision(made.failure())) {
            observers.count(Telemetry::giveUp);
            observers.tell(hooks -> hooks.onGiveUp(execution, made));
        }
        if (escalates) {
            engine.escalate(execution, made);
        }
    }

    private static boolean isOwnDecision(FailureKind kind) {
        return switch (kind) {
            case HANDLER_ERROR, PANIC, REJECTED -> true;
            case NONE, CONTEXT_CANCELLED, SHUTDOWN -> false;
        };
    }

    private static AttemptOutcome outcomeOf(Failure failure, @Nullable Throwable thrown) {
        Throwable cause = failure.cause();
        boolean ours = cause != thrown;
        if (ours && (cause instanceof AttemptTimeoutException || cause instanceof DeadlineExceededException)) {
            return AttemptOutcome.TIMEOUT;
        }
        return switch (failure.kind()) {
            case CONTEXT_CANCELLED, SHUTDOWN -> AttemptOutcome.CANCELLED;
            case NONE, HANDLER_ERROR, PANIC, REJECTED -> AttemptOutcome.FAILURE;
        };
    }

    /** One more, unless a task that is retried for ever has got to the end of all numbers. */
    static int next(int count) {
        return count == Integer.MAX_VALUE ? count : count + 1;
    }

    /** The present, where anybody can see how long things take; else the beginning of time. */
    private long now() {
        return start.isTimed() ? engine.time().nanoTime() : 0;
    }

    /** How long to wait before the next attempt, in nanoseconds. */
    long delay() {
        return delay;
    }

    /** The number of the attempt about to be made, or being made, within its incarnation. */
    int attempt() {
        return attempt;
    }

    /** Whether no attempt was made yet, so that a wait for a permit has an end. */
    boolean isBeforeFirstAttempt() {
        return !attempted;
    }

    /**
     * What the next attempt is admitted by; null without a limit. The limit is the supervisor's, so it is the one in force
     * by now; but the first attempt comes with the patience of its own policy, and so with the limit of that.
     */
    @Nullable
    Permits permits() {
        return attempted ? engine.rules().permits() : start.rules().permits();
    }

    Start start() {
        return start;
    }

    RunContext context() {
        return context;
    }

    Execution execution() {
        return execution;
    }

    /** Whose interrupt has ended the execution, if one has. */
    InterruptedBy interruptedBy() {
        return interruptedBy;
    }

    ExecutionResult<T> result() {
        return Objects.requireNonNull(result, "the execution is not over");
    }

    @Override
    public Throwable cancelled(@Nullable Throwable last) {
        return new ExecutionCancelledException(engine.name(), last);
    }

    @Override
    public Throwable shutdown(@Nullable Throwable last) {
        return new SupervisorShutdownException(engine.name(), last);
    }

    @Override
    public Throwable deadlineExceeded(@Nullable Throwable last) {
        Duration limit = Objects.requireNonNull(start.limit(), "there is a deadline");
        Duration elapsed = Duration.ofNanos(engine.time().nanoTime() - start.at());
        return new DeadlineExceededException(engine.name(), limit, elapsed, last == null ? lastFailure : last);
    }

    @Override
    public Throwable attemptTimeout(@Nullable Throwable last) {
        Duration limit = policy.deadline().attemptTimeout().orElse(Duration.ZERO);
        return new AttemptTimeoutException(engine.name(), attempt, limit, last);
    }
}
