package io.grip.supervisor;

import io.grip.supervisor.engine.Engine;
import io.grip.supervisor.engine.EngineSettings;
import io.grip.supervisor.execution.AbandonedThread;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks under a policy: admits them, retries and restarts them, keeps their deadlines, and escalates what it cannot
 * heal. It never calls a task itself but hands each attempt to an {@link ExecutorRunner}.
 *
 * <pre>{@code
 * Supervisor payments = Supervisor.builder("payment")
 *         .policy(SupervisorPolicy.defaults().withDeadline(DeadlinePolicy.of(Duration.ofSeconds(2))))
 *         .build();
 * Receipt receipt = payments.call(context -> gateway.charge(order));
 * }</pre>
 *
 * <p>Safe for use by any number of threads. One supervisor has one set of permits and one set of numbers, so what
 * shares a limit shares a supervisor.
 */
public final class Supervisor implements AutoCloseable {

    private final Engine engine;

    /**
     * A supervisor named {@code supervisor} with these parts and the builder's defaults for all others.
     *
     * @param runner what calls the tasks
     * @param policy what is decided by
     * @param hooks what hears of it
     */
    public Supervisor(ExecutorRunner runner, SupervisorPolicy policy, Hooks hooks) {
        this(builder("supervisor").runner(runner).policy(policy).hooks(hooks));
    }

    private Supervisor(Builder builder) {
        this.engine = new Engine(builder.settings());
    }

    /**
     * A builder with the default of every part.
     *
     * @param name the name in messages, hooks and meters, not blank
     * @throws IllegalArgumentException if the name is blank
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Runs a task below a context, and returns what came of it. Blocks until the execution is over; never throws what
     * the task throws. After an interrupt of the caller the result is a
     * {@link io.grip.supervisor.execution.FailureKind#CONTEXT_CANCELLED} and the interrupt flag is set.
     *
     * @param context what the execution is cancelled with, and has no more time than
     * @param execution what hooks hear of
     * @param task what to do
     */
    public <T extends @Nullable Object> Result<T> run(ExecutionContext context, Execution execution, Task<T> task) {
        return engine.run(
                Objects.requireNonNull(context, "context"),
                Objects.requireNonNull(execution, "execution"),
                Objects.requireNonNull(task, "task"));
    }

    /** Runs a task below {@link ExecutionContext#current()}, as an execution that bears this supervisor's name. */
    public <T extends @Nullable Object> Result<T> run(Task<T> task) {
        return run(ExecutionContext.current(), Execution.of(name()), task);
    }

    /**
     * Runs a task as {@link #run(Task)} does, and returns its value or throws: what the task threw, the very object; for
     * other failures the {@link io.grip.supervisor.execution.SupervisionException} that says why.
     *
     * @throws InterruptedException if the caller was interrupted; the flag is then clear
     * @throws Exception what the task threw, an {@code Error} too
     */
    public <T extends @Nullable Object> T call(Task<T> task) throws Exception {
        return engine.call(Objects.requireNonNull(task, "task"));
    }

    /** Runs a task as {@link #call(Task)} does, below a context and as an execution of the caller's choice. */
    public <T extends @Nullable Object> T call(ExecutionContext context, Execution execution, Task<T> task)
            throws Exception {
        return engine.call(
                Objects.requireNonNull(context, "context"),
                Objects.requireNonNull(execution, "execution"),
                Objects.requireNonNull(task, "task"));
    }

    /**
     * Runs an asynchronous task below {@link ExecutionContext#current()}, as an execution that bears this supervisor's
     * name.
     *
     * @see #runAsync(ExecutionContext, Execution, AsyncTask)
     */
    public <T extends @Nullable Object> CompletableFuture<Result<T>> runAsync(AsyncTask<T> task) {
        return engine.runAsync(ExecutionContext.current(), null, Objects.requireNonNull(task, "task"));
    }

    /**
     * Runs an asynchronous task. The first attempt, if admitted at once, starts on the calling thread; all that follows
     * a wait runs on the supervisor's executor. No thread is held by any wait.
     *
     * <p>The future always completes, normally, with a result. Completing it from outside in any way, above all by
     * {@code cancel}, ends the execution: retries stop, the running stage is cancelled, and the permit is back before
     * that call returns.
     *
     * @param context what the execution is cancelled with, and has no more time than
     * @param execution what hooks hear of
     * @param task what to do
     */
    public <T extends @Nullable Object> CompletableFuture<Result<T>> runAsync(
            ExecutionContext context, Execution execution, AsyncTask<T> task) {
        return engine.runAsync(
                Objects.requireNonNull(context, "context"),
                Objects.requireNonNull(execution, "execution"),
                Objects.requireNonNull(task, "task"));
    }

    /** The name. */
    public String name() {
        return engine.name();
    }

    /** The policy in force. */
    public SupervisorPolicy policy() {
        return engine.policy();
    }

    /**
     * Puts another policy in force, as a whole and for good. Executions under way keep the policy that they began with;
     * those that begin after this call go by the new one. Only the limit on concurrency is everybody's: each retry is
     * admitted by the limit in force at its beginning. A higher limit serves those who wait before this returns; under a
     * lower one nobody loses a permit, and nobody gets one until enough have come back. Where there was no limit before,
     * attempts that run already do not count.
     *
     * <p>Never waits for an execution. Of several calls at the same time one is the last, and its policy stays.
     *
     * @param policy the new one; there is nothing partial about it, see the withers of {@link #policy()}
     */
    public void update(SupervisorPolicy policy) {
        engine.update(Objects.requireNonNull(policy, "policy"));
    }

    /**
     * Ends every wait with {@link io.grip.supervisor.execution.FailureKind#SHUTDOWN}, and from here on neither retries
     * nor restarts: a new execution gets one attempt, without waiting. Undone by {@link #resume()}.
     */
    public void drain() {
        engine.drain();
    }

    /** Undoes {@link #drain()}; without effect on a closed supervisor. */
    public void resume() {
        engine.resume();
    }

    /**
     * Closes the supervisor for good: waits end at once, new executions are refused with
     * {@link io.grip.supervisor.execution.FailureKind#SHUTDOWN}, what runs has the grace to end, then is interrupted.
     *
     * <p>Blocks until all executions have ended, or for the grace and one second more at the most; a second caller waits
     * with the first. By then the telemetry has been told; where that hangs on another thread, it is waited for a second
     * more. Called from a supervised task or a hook, it does not wait for that execution. Interrupted, it stops waiting and
     * leaves the flag set; the close goes on.
     */
    @Override
    public void close() {
        engine.close();
    }

    /**
     * Closes several supervisors as {@link #close()} does, all at once: it takes no longer than the longest of them.
     *
     * @param supervisors open or closed
     */
    public static void closeAll(Collection<Supervisor> supervisors) {
        List<Supervisor> all = List.copyOf(supervisors);
        Engine.beginClose(all.stream().map(supervisor -> supervisor.engine).toList());
        all.forEach(Supervisor::close);
    }

    /**
     * Waits until nothing runs and nothing waits, the execution that this is called from excepted.
     *
     * @param timeout how long to wait at the most
     * @return whether it is idle
     * @throws InterruptedException if interrupted meanwhile
     */
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        return engine.awaitIdle(timeout);
    }

    /** Whether it drains: it gives each execution one attempt, and repeats nothing. */
    public boolean isDraining() {
        return engine.isShuttingDown() && !engine.isClosed();
    }

    /** Whether it is closed, or about to be, and so refuses everything. */
    public boolean isClosed() {
        return engine.isClosed();
    }

    /** How many attempts are running at this moment; looked up, so meant for gauges and not for every call. */
    public int inFlight() {
        return engine.inFlight();
    }

    /** How many executions wait for a permit at this moment. */
    public int waiting() {
        return engine.waiting();
    }

    /** Whether it takes executions at this moment. */
    public State state() {
        return isClosed() ? State.CLOSED : isDraining() ? State.DRAINING : State.RUNNING;
    }

    /** What calls the tasks. */
    public ExecutorRunner runner() {
        return engine.runner();
    }

    /** How many retries the {@link io.grip.supervisor.policy.RetryBudget} has left at this moment; empty without one. */
    public OptionalInt retriesLeft() {
        return engine.retriesLeft();
    }

    /** The threads that were left behind at a limit, under {@link ExecutorRunner#ownThread()}, and live on. */
    public List<AbandonedThread> abandonedThreads() {
        return engine.abandonedThreads();
    }

    @Override
    public String toString() {
        return "Supervisor '" + name() + "'";
    }

    /** Whether a supervisor takes executions. */
    public enum State {
        /** It does. */
        RUNNING,
        /** It lets each make one attempt, without waiting; see {@link Supervisor#drain()}. */
        DRAINING,
        /** It refuses them, for good; what runs may still be running. */
        CLOSED
    }

    /** Builds a {@link Supervisor}. Not safe for concurrent use; later changes do not reach what was built before. */
    public static final class Builder {

        private final String name;
        private SupervisorPolicy policy = SupervisorPolicy.defaults();
        private ExecutorRunner runner = ExecutorRunner.callerThread();
        private Hooks hooks = Hooks.none();
        private Function<Telemetry.Readings, Telemetry> telemetry = readings -> Telemetry.none();
        private Tracing tracing = Tracing.none();
        private TimeSource time = TimeSource.system();
        private @Nullable Executor executor;
        private ContextCarrier carrier = ContextCarrier.none();
        private @Nullable Supervisor parent;
        private Duration shutdownGrace = Duration.ofSeconds(5);
        private Function<Throwable, Optional<Duration>> delayHint = failure -> Optional.empty();

        private Builder(String name) {
            if (Objects.requireNonNull(name, "name").isBlank()) {
                throw new IllegalArgumentException("the name of a supervisor must not be blank");
            }
            this.name = name;
        }

        /** What is decided by; default {@link SupervisorPolicy#defaults()}. */
        public Builder policy(SupervisorPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /** What calls the tasks; default {@link ExecutorRunner#callerThread()}. */
        public Builder runner(ExecutorRunner runner) {
            this.runner = Objects.requireNonNull(runner, "runner");
            return this;
        }

        /** What hears of executions, in place of what was set before; default none. */
        public Builder hooks(Hooks hooks) {
            this.hooks = Objects.requireNonNull(hooks, "hooks");
            return this;
        }

        /** What hears of executions besides those set before. */
        public Builder addHooks(Hooks hooks) {
            this.hooks = this.hooks.andThen(Objects.requireNonNull(hooks, "hooks"));
            return this;
        }

        /** What is fed with numbers; default none, and then no clock is read for them. */
        public Builder telemetry(Telemetry telemetry) {
            Objects.requireNonNull(telemetry, "telemetry");
            return telemetry(readings -> telemetry);
        }

        /** What is fed with numbers, in place of what was set before, made for each supervisor that is built. */
        public Builder telemetry(Function<Telemetry.Readings, Telemetry> telemetry) {
            this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
            return this;
        }

        /** What follows each execution, in place of what was set before; default none, and then nothing is made for it. */
        public Builder tracing(Tracing tracing) {
            this.tracing = Objects.requireNonNull(tracing, "tracing");
            return this;
        }

        /** What is fed with numbers besides what was set before, made for each supervisor that is built. */
        public Builder addTelemetry(Function<Telemetry.Readings, Telemetry> telemetry) {
            Objects.requireNonNull(telemetry, "telemetry");
            Function<Telemetry.Readings, Telemetry> before = this.telemetry;
            this.telemetry = readings -> before.apply(readings).andThen(telemetry.apply(readings));
            return this;
        }

        /** The clock; default {@link TimeSource#system()}. */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** Where asynchronous executions go on after a wait; default virtual threads, else a shared daemon pool. */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /** What is taken along to other threads; default nothing. */
        public Builder carrier(ContextCarrier carrier) {
            this.carrier = Objects.requireNonNull(carrier, "carrier");
            return this;
        }

        /** Who hears of what this supervisor escalates; default nobody. */
        public Builder parent(Supervisor parent) {
            this.parent = Objects.requireNonNull(parent, "parent");
            return this;
        }

        /**
         * How long a close waits before it interrupts what runs; default 5 s.
         *
         * @param shutdownGrace zero or more
         * @throws IllegalArgumentException if it is negative
         */
        public Builder shutdownGrace(Duration shutdownGrace) {
            if (Objects.requireNonNull(shutdownGrace, "shutdownGrace").isNegative()) {
                throw new IllegalArgumentException("shutdownGrace must be zero or more, but is " + shutdownGrace);
            }
            this.shutdownGrace = shutdownGrace;
            return this;
        }

        /**
         * What knows how long a throwable asks to wait before a retry, where the throwable is no
         * {@link io.grip.supervisor.execution.RetryAfter} itself; asked for each throwable along the chain of causes,
         * before what was added before it. Default nothing.
         */
        public Builder addDelayHint(Function<Throwable, Optional<Duration>> delayHint) {
            Objects.requireNonNull(delayHint, "delayHint");
            Function<Throwable, Optional<Duration>> before = this.delayHint;
            this.delayHint = failure -> delayHint.apply(failure).or(() -> before.apply(failure));
            return this;
        }

        /** The name, for those who customize several builders. */
        public String name() {
            return name;
        }

        /** The policy as it stands. */
        public SupervisorPolicy policy() {
            return policy;
        }

        /** A supervisor with the parts as they stand. */
        public Supervisor build() {
            return new Supervisor(this);
        }

        private EngineSettings settings() {
            return new EngineSettings(
                    name,
                    policy,
                    runner,
                    hooks,
                    telemetry,
                    tracing,
                    time,
                    executor != null ? executor : Threads.sharedExecutor(),
                    carrier,
                    parent != null ? parent.engine : null,
                    shutdownGrace,
                    delayHint);
        }
    }
}
