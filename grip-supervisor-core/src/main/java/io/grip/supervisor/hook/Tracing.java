package io.grip.supervisor.hook;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Telemetry.AttemptOutcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Follows executions attempt by attempt, for those who draw traces. Where {@link Hooks} are told of all executions and
 * {@link Telemetry} has their numbers, this makes something of its own for each execution and each attempt, and is there
 * on the thread that calls the task.
 *
 * <p>Safe for use by any thread; what it makes is called as it says itself. Nothing here may block. What throws is logged
 * and counted as a hook's failure would be, and changes nothing.
 */
@FunctionalInterface
public interface Tracing {

    /**
     * An execution begins: called on the thread that asked for it, before admission, for those that will be refused too.
     *
     * @return what follows it
     */
    Trace begin(Execution execution);

    /** Traces nothing; with it, nothing is made and nothing is called. */
    static Tracing none() {
        return NoTracing.INSTANCE;
    }

    /** One execution; called by one thread at a time, not always the same. */
    interface Trace {

        /**
         * An attempt begins; called before its runner is.
         *
         * @param number within the incarnation, from 1
         * @return what follows it
         */
        AttemptTrace attempt(int number);

        /**
         * A retry was decided.
         *
         * @param attempt the number of the attempt about to be made
         * @param delay how long the wait will be
         * @param cause why the attempt before failed
         */
        default void retry(int attempt, Duration delay, Throwable cause) {}

        /**
         * A restart was decided.
         *
         * @param restarts the number of this restart, from 1
         * @param cause why the incarnation before failed; null after a clean end
         */
        default void restart(int restarts, @Nullable Throwable cause) {}

        /** The final failure goes up. */
        default void escalation() {}

        /** The execution has ended, whatever way. Called once, after all hooks, and nothing is called after it. */
        void ended(Result<?> result);
    }

    /** One attempt. */
    interface AttemptTrace {

        /**
         * The task is about to be called. Called on the thread that calls it, inside of what a
         * {@link io.grip.supervisor.execution.ContextCarrier} has put in place there.
         *
         * @return what to close on that same thread when the task has returned or thrown; for an asynchronous task that
         *     is before its stage has ended, for one whose caller has left it is after {@link #ended}
         */
        Scope open();

        /**
         * The attempt has ended, or was left. Called once, by the thread that follows the execution.
         *
         * @param cause why it failed; null on success
         */
        void ended(AttemptOutcome outcome, @Nullable Throwable cause);
    }

    /** What is in place on a thread while the task is called there. */
    @FunctionalInterface
    interface Scope extends AutoCloseable {

        /** Takes it away again. */
        @Override
        void close();
    }
}
