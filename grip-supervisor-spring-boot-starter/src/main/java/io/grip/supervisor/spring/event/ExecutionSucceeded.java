package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * An execution has succeeded.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 * @param result what came of it
 */
public record ExecutionSucceeded(String supervisor, SupervisorPolicy policy, Execution execution, Result<?> result)
        implements SupervisorEvent {}
