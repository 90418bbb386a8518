package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * Something that happened to an execution, published to the application's listeners.
 *
 * <p>A listener names the type it wants, {@code @EventListener void on(RetryScheduled event)}, or this one for all of
 * them. It runs on the thread that ended the attempt, before the caller sees the result and with no lock held, so what
 * takes long belongs on another thread ({@code @Async}). What it throws changes nothing for the execution: it is logged
 * and counted. An event that nobody listens to is never made; listeners to {@code Object}, to all application events or
 * to {@code PayloadApplicationEvent<?>} get the events that somebody else asked for, and ask for none themselves.
 *
 * <p>Events are immutable; different executions publish theirs concurrently.
 */
public sealed interface SupervisorEvent
        permits ExecutionStarted,
                ExecutionSucceeded,
                ExecutionFailed,
                RetryScheduled,
                ExecutionRestarting,
                ExecutionGaveUp,
                ExecutionEscalated {

    /** The name of the supervisor. */
    String supervisor();

    /** The policy that the supervisor decides by. */
    SupervisorPolicy policy();

    /** What is executed. */
    Execution execution();
}
