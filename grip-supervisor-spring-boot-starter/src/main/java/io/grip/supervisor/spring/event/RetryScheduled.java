package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;

/**
 * An attempt has failed and another follows after a wait; published before the wait, even if that is then cut short.
 *
 * @param supervisor the name of the supervisor
 * @param policy the policy that the supervisor decides by
 * @param execution what is executed
 * @param attempt the number of the attempt about to be made, within the incarnation; the first is 1
 * @param delay how long the wait will be
 * @param cause why the attempt before failed
 */
public record RetryScheduled(
        String supervisor, SupervisorPolicy policy, Execution execution, int attempt, Duration delay, Throwable cause)
        implements SupervisorEvent {}
