package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.policy.SupervisorPolicy;
import org.jspecify.annotations.Nullable;

/**
 * An incarnation has ended and a new one follows after a wait; published before the wait.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 * @param restarts the number of this restart, from 1
 * @param cause why the incarnation before failed; null after a clean end
 */
public record ExecutionRestarting(
        String supervisor,
        SupervisorPolicy policy,
        Execution execution,
        int restarts,
        @Nullable Throwable cause) implements SupervisorEvent {}
