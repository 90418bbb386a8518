package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * An execution is about to make its first attempt. There is none for an execution that is refused before that.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 */
public record ExecutionStarted(String supervisor, SupervisorPolicy policy, Execution execution)
        implements SupervisorEvent {}
