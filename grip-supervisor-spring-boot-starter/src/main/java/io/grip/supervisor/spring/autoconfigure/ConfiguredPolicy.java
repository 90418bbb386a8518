package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.policy.SupervisorPolicy;

/**
 * What the properties say about one policy. Immutable.
 *
 * @param name as it was written
 * @param policy the values
 * @param runner where attempts run
 */
record ConfiguredPolicy(String name, SupervisorPolicy policy, ExecutorRunner runner) {}
