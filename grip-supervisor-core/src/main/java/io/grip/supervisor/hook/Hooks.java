package io.grip.supervisor.hook;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Callbacks at each stage of an execution; all of them do nothing by default.
 *
 * <p>They run with no lock held, on the thread that ended the attempt, one after another, before the caller sees the
 * result. One that throws anything changes nothing: it is logged, counted and forgotten. Within one,
 * {@link io.grip.supervisor.execution.ExecutionContext#current()} is the context of the execution. Different executions
 * call them concurrently.
 */
public interface Hooks {

    /** How much of an execution hooks want to hear. */
    enum Interest {
        /** Nothing at all. */
        NOTHING,
        /** All but {@link #onStart} and {@link #onSuccess}. */
        FAILURES,
        /** All of it. */
        EVERYTHING
    }

    /**
     * What these hooks want to hear at this moment; everything by default. Asked at the beginning of each execution, on
     * its thread, so that what nobody wants to hear costs nothing: must be quick. It is a hint: what they do not want to
     * hear they may still be called for, late.
     */
    default Interest interest() {
        return Interest.EVERYTHING;
    }

    /** Called once, before the first attempt; not for an execution that is refused. */
    default void onStart(Execution execution) {}

    /** Called once, when the execution has succeeded. */
    default void onSuccess(Execution execution, Result<?> result) {}

    /** Called once, when the execution has failed, was cancelled, shut down or refused. */
    default void onFailure(Execution execution, Result<?> result) {}

    /**
     * Called before the wait for each retry, even if that wait is cut short.
     *
     * @param attempt the number of the attempt about to be made, within the incarnation
     * @param delay how long the wait will be
     * @param cause why the attempt before failed
     */
    default void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {}

    /**
     * Called before the wait for each restart.
     *
     * @param restarts the number of this restart, from 1
     * @param cause why the incarnation before failed; null after a clean end
     */
    default void onRestart(Execution execution, int restarts, @Nullable Throwable cause) {}

    /** Called once, after {@link #onFailure}, when giving up was the supervisor's own decision. */
    default void onGiveUp(Execution execution, Result<?> result) {}

    /** Called when a final failure goes up: for the supervisor's own executions and for those of its children. */
    default void onEscalate(Execution execution, Result<?> result) {}

    /** Hooks that do nothing. */
    static Hooks none() {
        return NoHooks.INSTANCE;
    }

    /** These hooks, then others: what these throw does not keep the others from running. */
    default Hooks andThen(Hooks next) {
        return HookChain.of(this, next);
    }

    /**
     * The hooks that these are made of, in their order; the engine calls and guards each by itself.
     *
     * @return this object alone unless {@link #andThen} has joined several
     */
    default List<Hooks> parts() {
        return List.of(this);
    }
}
