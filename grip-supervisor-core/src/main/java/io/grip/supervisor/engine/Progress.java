package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
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
 * <p>Both drivers share it, so blocking and asynchronous executions have one truth: {@link BlockingRun} has one, an
 * {@link AsyncRun} is one. It has one owner at a time, who hands it on by a volatile write or a thread's start; hooks run
 * inside its transitions, on the owner's thread, with no lock held.
 */
class Progress<T extends @Nullable Object> extends RunContext implements EngineExceptions {

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

    /** When it began; 0 if it is not timed. */
    private final long at;

    private final boolean timed;

    /** What hooks hear of; null as long as nobody has asked. */
    private @Nullable Execution execution;

    /** How many attempts of the present incarnation are over. */
    private int attemptsOver;

    private boolean started;

    /** How long the next wait is to be; from its beginning on, when that was. One for both, since it weighs twice. */
    private long wait;

    /** The last failure that another attempt follows, or was to follow. */
    private @Nullable Throwable lastFailure;

    private @Nullable ExecutionResult<T> result;

    /**
     * A course that begins.
     *
     * @param execution what hooks hear of; null if the caller has given none
     */
    Progress(@Nullable Execution execution, ExecutionContext parent, Start start) {
        super(parent, start);
        this.at = start.at();
        this.timed = start.isTimed();
        this.execution = execution;
    }

    /** The first step. A closed supervisor answers before anything else. */
    final Step begin() {
        Traced begun = engine().trace(this::execution);
        if (begun != null) {
            extras().trace = begun;
        }
        EndReason reason = engine().isClosed() ? EndReason.SHUTDOWN : whyUnwanted();
        return reason == EndReason.NONE ? Step.ADMIT : waitEnded(reason);
    }

    /**
     * It goes on from attempts that were made before it was there, each of which was followed by a retry but for the last,
     * whose end is still to come.
     *
     * @param attempt the number of the last one
     * @param last how the one before it has failed, or null
     * @param several how all of them but the last have failed, where there were several
     */
    final void goOnAt(int attempt, @Nullable Throwable last, @Nullable EarlierFailures several) {
        attemptsOver = attempt - 1;
        lastFailure = last;
        if (several != null) {
            extras().earlier = several;
        }
    }

    /**
     * As {@link #goOnAt}, in the wait after the last attempt.
     *
     * @param delay what is left of that wait, in nanoseconds
     */
    final Step goOnWaiting(int attempt, @Nullable Throwable last, @Nullable EarlierFailures several, long delay) {
        goOnAt(next(attempt), last, several);
        return await(Math.max(0, delay));
    }

    /** Why a wait should end before its time; {@link EndReason#NONE} if it should not. */
    final EndReason reasonToStop() {
        EndReason unwanted = whyUnwanted();
        if (unwanted != EndReason.NONE) {
            return unwanted;
        }
        return engine().isShuttingDown() ? EndReason.SHUTDOWN : EndReason.NONE;
    }

    /** A permit is there. */
    final Step admitted() {
        if (!started) {
            started = true;
            Budget budget = rules().budget();
            if (budget != null) {
                budget.earn();
            }
            observers().tell(hooks -> hooks.onStart(execution()));
        }
        Restarts restarts = restarts();
        if (restarts != null && attemptsOver == 0) {
            restarts.incarnationStarted(now());
        }
        return Step.ATTEMPT;
    }

    /** No permit came in time; only before the first attempt. */
    final Step rejected(int limit, int inUse, long waited) {
        observers().count(Telemetry::rejection);
        AdmissionRejectedException refusal =
                new AdmissionRejectedException(engine().name(), limit, inUse, Duration.ofNanos(waited));
        return end(Failure.of(FailureKind.REJECTED, refusal), false);
    }

    /** What the attempt about to be made calls: its task, or that within a trace. */
    final <R extends @Nullable Object> Task<R> traced(Task<R> task) {
        Traced trace = trace();
        return trace == null ? task : trace.attempt(attemptNumber(), task);
    }

    /** An attempt is over, and its permit is back. */
    final Step attemptEnded(Attempt<T> ended, long nanos) {
        attemptsOver = next(attemptsOver);
        Traced trace = trace();
        if (ended.succeeded()) {
            observers().count(telemetry -> telemetry.attempt(AttemptOutcome.SUCCESS, nanos));
            if (trace != null) {
                trace.attemptEnded(AttemptOutcome.SUCCESS, null);
            }
            return succeeded(Objects.requireNonNull(ended.report()).value());
        }
        Failure failure = Classifier.classify(ended, this);
        AttemptOutcome outcome = outcomeOf(failure, ended.thrown());
        observers().count(telemetry -> telemetry.attempt(outcome, nanos));
        if (trace != null) {
            trace.attemptEnded(outcome, failure.cause());
        }
        return failed(failure, !ended.committed());
    }

    /** The wait before a retry or restart is over, unless there is a reason by now to end the execution. */
    final Step waited() {
        EndReason reason = reasonToStop();
        return reason == EndReason.NONE ? Step.ADMIT : waitEnded(reason);
    }

    /** A wait, for a permit or before a retry or restart, was ended before its time. */
    final Step waitEnded(EndReason reason) {
        return end(Classifier.ended(reason, lastFailure, this), false);
    }

    /**
     * A wait was ended because the waiting thread is interrupted.
     *
     * @param by whose interrupt it is
     */
    final Step waitInterrupted(InterruptedBy by) {
        InterruptedException cause =
                new InterruptedException("'" + engine().name() + "' was interrupted while waiting");
        if (lastFailure != null) {
            cause.initCause(lastFailure);
        }
        return end(new Failure(FailureKind.CONTEXT_CANCELLED, cause, by), false);
    }

    /** What should not happen has happened, to the library or to what users plugged into it: the execution still ends. */
    final Step broken(Throwable thrown) {
        return result != null ? Step.DONE : end(Failure.of(FailureKind.PANIC, thrown), false);
    }

    /** As {@link #broken}, where not even that can be told: there is a result, and nobody hears of it. */
    final void endSilently(Throwable thrown) {
        if (result == null) {
            List<Throwable> none = List.of();
            result = new ExecutionResult<>(
                    null, FailureKind.PANIC, thrown, attempts(), restartCount(), Duration.ZERO, false, none);
        }
        Traced trace = trace();
        if (trace != null) {
            trace.ended(result);
        }
    }

    private Step succeeded(T value) {
        Decision decision;
        try {
            decision = Decisions.afterSuccess(policy(), situation());
        } catch (Throwable thrown) {
            observers().failed("the backoff", thrown);
            decision = Decision.END;
        }
        if (decision.next() == Decision.Next.RESTART) {
            forgetLastFailure();
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
            Optional<Duration> hint = worthRetry ? engine().hintOf(failure.cause()) : Optional.empty();
            return Decisions.afterFailure(policy(), failure.kind(), repeatable, worthRetry, hint, situation());
        } catch (Throwable thrown) {
            observers().failed("the retry decision", thrown);
            return Decision.END;
        }
    }

    /** A retry that the budget has no room for is not made, as one that the deadline has no room for. */
    private Decision affordable(Decision decision) {
        Budget budget = rules().budget();
        if (budget == null || decision.next() != Decision.Next.RETRY || budget.trySpend()) {
            return decision;
        }
        observers().count(Telemetry::retryRefused);
        return Decision.END_EXHAUSTED;
    }

    private boolean isWorthRetry(Throwable cause) {
        return !(RetryableThrowables.unwrap(cause) instanceof SupervisorShutdownException)
                && policy().retry().isRetryable(cause);
    }

    private Situation situation() {
        Long deadline = deadline();
        Long room = deadline == null ? null : Long.valueOf(deadline - time().nanoTime());
        Restarts restarts = restarts();
        long now = restarts == null ? 0 : time().nanoTime();
        int sinceHealthy = restarts == null ? 0 : restarts.sinceHealthy(now);
        boolean allowed = restarts != null && restarts.allowsOneMore(now);
        double draw = ThreadLocalRandom.current().nextDouble();
        return new Situation(attemptsOver, room, engine().isShuttingDown(), allowed, sinceHealthy, draw);
    }

    private Step retry(long delay, Throwable cause) {
        remember(cause);
        int next = attemptNumber();
        observers().count(Telemetry::retry);
        Traced trace = trace();
        if (trace != null) {
            trace.retry(next, Duration.ofNanos(delay), cause);
        }
        if (observers().hasHooks()) {
            Duration wait = Duration.ofNanos(delay);
            observers().tell(hooks -> hooks.onRetry(execution(), next, wait, cause));
        }
        return await(delay);
    }

    private Step restart(long delay, @Nullable Throwable cause) {
        Restarts restarts = Objects.requireNonNull(restarts(), "the policy restarts");
        restarts.add(time().nanoTime(), attemptsOver);
        attemptsOver = 0;
        observers().count(Telemetry::restart);
        int number = restarts.count();
        Traced trace = trace();
        if (trace != null) {
            trace.restart(number, cause);
        }
        observers().tell(hooks -> hooks.onRestart(execution(), number, cause));
        return await(delay);
    }

    private Step await(long delay) {
        wait = delay;
        return Step.WAIT;
    }

    /** Keeps a failure that another attempt will follow: the first by itself, since most executions have no second. */
    private void remember(Throwable failure) {
        EarlierFailures earlier = earlierFailures();
        if (earlier != null) {
            earlier.add(failure);
        } else if (lastFailure != null) {
            beginList(lastFailure).add(failure);
        }
        lastFailure = failure;
    }

    /** An incarnation that went well is followed by another, whose end has nothing to do with what was before. */
    private void forgetLastFailure() {
        if (lastFailure != null && earlierFailures() == null) {
            beginList(lastFailure);
        }
        lastFailure = null;
    }

    private EarlierFailures beginList(Throwable first) {
        EarlierFailures earlier = new EarlierFailures();
        earlier.add(first);
        extras().earlier = earlier;
        return earlier;
    }

    private @Nullable EarlierFailures earlierFailures() {
        Extras extras = extrasIfAny();
        return extras == null ? null : extras.earlier;
    }

    private List<Throwable> listFailures() {
        EarlierFailures earlier = earlierFailures();
        if (earlier != null) {
            return earlier.list();
        }
        return lastFailure == null ? List.of() : List.of(lastFailure);
    }

    private Step end(T value) {
        return finish(new Outcome<>(value, null), false);
    }

    private Step end(Failure failure, boolean exhausted) {
        if (failure.interruptedBy() != InterruptedBy.NOBODY) {
            extras().interruptedBy = failure.interruptedBy();
        }
        return finish(new Outcome<>(null, failure), exhausted);
    }

    /** Either a value or a failure. */
    private record Outcome<T extends @Nullable Object>(
            @Nullable T value, @Nullable Failure failure) {}

    private Step finish(Outcome<T> outcome, boolean exhausted) {
        Failure failure = outcome.failure();
        FailureKind kind = failure == null ? FailureKind.NONE : failure.kind();
        Throwable cause = failure == null ? null : failure.cause();
        boolean escalates = policy().shouldEscalate(kind, exhausted);
        long nanos = now() - at;
        ExecutionResult<T> made = new ExecutionResult<>(
                outcome.value(),
                kind,
                cause,
                attempts(),
                restartCount(),
                Duration.ofNanos(nanos),
                escalates,
                listFailures());
        result = made;
        observers().count(telemetry -> telemetry.execution(kind, cause, nanos));
        Traced trace = trace();
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
            observers().tell(hooks -> hooks.onSuccess(execution(), made));
            return;
        }
        observers().tell(hooks -> hooks.onFailure(execution(), made));
        if (isOwnDecision(made.failure())) {
            observers().count(Telemetry::giveUp);
            observers().tell(hooks -> hooks.onGiveUp(execution(), made));
        }
        if (escalates) {
            engine().escalate(execution(), made);
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
        return timed ? time().nanoTime() : 0;
    }

    /** How long to wait before the next attempt, in nanoseconds; known until the wait begins. */
    final long delay() {
        return wait;
    }

    /** The wait begins: from now on there is no {@link #delay} any more, but {@link #waitsSince}. */
    final void waitBegins(long now) {
        wait = now;
    }

    /** When the wait has begun. */
    final long waitsSince() {
        return wait;
    }

    /** The number of the attempt about to be made, or being made, within its incarnation. */
    final int attemptNumber() {
        return next(attemptsOver);
    }

    /** Whether no attempt was made yet, so that a wait for a permit has an end. */
    final boolean isBeforeFirstAttempt() {
        return attempts() == 0;
    }

    /**
     * What the next attempt is admitted by; null without a limit. The limit is the supervisor's, so it is the one in force
     * by now; but the first attempt comes with the patience of its own policy, and so with the limit of that.
     */
    final @Nullable Permits permits() {
        return isBeforeFirstAttempt() ? rules().permits() : engine().rules().permits();
    }

    /** When it began, as a point in time; 0 if it is not timed. */
    final long at() {
        return at;
    }

    /** Whether anybody can see how long things take, so that the clock is read. */
    final boolean isTimed() {
        return timed;
    }

    /** Called by the owner: what hooks hear of. */
    final Execution execution() {
        Execution known = execution;
        if (known == null) {
            known = Execution.of(engine().name());
            execution = known;
        }
        return known;
    }

    /** Whose interrupt has ended the execution, if one has. */
    final InterruptedBy interruptedBy() {
        Extras extras = extrasIfAny();
        return extras == null ? InterruptedBy.NOBODY : extras.interruptedBy;
    }

    /** How many attempts are over, in all incarnations. */
    private int attempts() {
        Extras extras = extrasIfAny();
        int before = extras == null || extras.restarts == null ? 0 : extras.restarts.attemptsBefore();
        return (int) Math.min(Integer.MAX_VALUE, (long) before + attemptsOver);
    }

    private int restartCount() {
        Extras extras = extrasIfAny();
        return extras == null || extras.restarts == null ? 0 : extras.restarts.count();
    }

    /** Where the policy restarts, the account of it. */
    private @Nullable Restarts restarts() {
        if (policy().restart() == RestartPolicy.NEVER) {
            return null;
        }
        Restarts known = extras().restarts;
        if (known == null) {
            known = new Restarts(policy().intensity(), at);
            extras().restarts = known;
        }
        return known;
    }

    private @Nullable Traced trace() {
        Extras extras = extrasIfAny();
        return extras == null ? null : extras.trace;
    }

    private SupervisorPolicy policy() {
        return rules().policy();
    }

    private Observers observers() {
        return engine().observers();
    }

    /** {@inheritDoc} Whoever blocks waits by himself, and sets no alarm. */
    @Override
    protected void ring() {
        throw new IllegalStateException("a course of its own waits for nothing");
    }

    final ExecutionResult<T> result() {
        return Objects.requireNonNull(result, "the execution is not over");
    }

    @Override
    public final Throwable cancelled(@Nullable Throwable last) {
        return new ExecutionCancelledException(engine().name(), last);
    }

    @Override
    public final Throwable shutdown(@Nullable Throwable last) {
        return new SupervisorShutdownException(engine().name(), last);
    }

    @Override
    public final Throwable deadlineExceeded(@Nullable Throwable last) {
        Duration limit = Objects.requireNonNull(extras().limit, "there is a deadline");
        Duration elapsed = Duration.ofNanos(time().nanoTime() - at);
        return new DeadlineExceededException(engine().name(), limit, elapsed, last == null ? lastFailure : last);
    }

    @Override
    public final Throwable attemptTimeout(@Nullable Throwable last) {
        Duration limit = policy().deadline().attemptTimeout().orElse(Duration.ZERO);
        return new AttemptTimeoutException(engine().name(), attemptsOver, limit, last);
    }
}
