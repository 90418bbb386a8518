package io.grip.supervisor.spring;

import io.grip.supervisor.Supervisor;

/**
 * Has the last word on each supervisor before it is built; beans of this type are called in their order. Called once per
 * supervisor, on the thread that first asks for it, most of them while the application starts.
 */
@FunctionalInterface
public interface SupervisorCustomizer {

    /**
     * Changes what a supervisor is going to be.
     *
     * @param name its name
     * @param builder with policy, runner and executor already set; what it sets again wins
     */
    void customize(String name, Supervisor.Builder builder);
}
