package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.Supervisor;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where policies are looked up and changed in the words of the configuration. Safe for use by any thread. */
public interface PolicyDesk {

    /** The name of the policy that a supervisor was made with; empty for one that the application built itself. */
    Optional<String> policyNameOf(Supervisor supervisor);

    /** Whether two names are spellings of one. */
    boolean isSameName(String one, String other);

    /** Each leaf of the policy in force. */
    Map<String, PolicyValue> valuesOf(Supervisor supervisor);

    /**
     * Changes some values of the policy in force, all of them or none.
     *
     * @param values by leaf, such as {@code retry.max-attempts}
     * @param by who does it, if that is known
     * @return the leaves that have another value now: what it was before, and what it is
     * @throws RefusedChangeException if a key does not exist, or a value cannot be
     */
    Map<String, PolicyChange> change(Supervisor supervisor, Map<String, String> values, @Nullable String by);

    /**
     * A value that is another now.
     *
     * @param from what it was
     * @param to what it is
     */
    record PolicyChange(String from, String to) {}
}
