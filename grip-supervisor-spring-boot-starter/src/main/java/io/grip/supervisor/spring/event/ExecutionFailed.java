package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * An execution has failed, was cancelled, shut down or refused.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 * @param result what came of it
 */
public record ExecutionFailed(String supervisor, SupervisorPolicy policy, Execution execution, Result<?> result)
        implements SupervisorEvent {}
