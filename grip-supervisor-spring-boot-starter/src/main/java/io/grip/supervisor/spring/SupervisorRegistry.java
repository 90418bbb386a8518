package io.grip.supervisor.spring;

import io.grip.supervisor.Supervisor;
import java.util.Set;

/**
 * The supervisors of the application: one for each policy, and those that {@code @Supervised} asks for by another name.
 * Declare a bean of this type to replace the library's.
 *
 * <p>The name of a policy may be written in any way that has the same letters and digits. Safe for use by any thread.
 */
public interface SupervisorRegistry {

    /**
     * The supervisor of a name.
     *
     * @param name of a policy, or of a supervisor made by {@link #obtain}
     * @throws SupervisionConfigurationException if there is none; it names the nearest known one
     */
    Supervisor get(String name);

    /** The names of all policies and of what was obtained so far, in alphabetical order; an immutable copy. */
    Set<String> names();

    /**
     * The supervisor of a name, made with a policy if it does not exist yet.
     *
     * @param name what its executions, permits and numbers are shared by
     * @param policy the name of a configured policy, or {@code defaults} for what every policy starts from
     * @throws SupervisionConfigurationException if there is no such policy, or if the supervisor exists with another one
     */
    Supervisor obtain(String name, String policy);
}
