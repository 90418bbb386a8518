package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * A final failure goes up: of one of the supervisor's own executions, or one that a child supervisor told it of.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 * @param result what came of it
 */
public record ExecutionEscalated(String supervisor, SupervisorPolicy policy, Execution execution, Result<?> result)
        implements SupervisorEvent {}
