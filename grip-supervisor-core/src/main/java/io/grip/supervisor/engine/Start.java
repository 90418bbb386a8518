package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an execution takes along from its beginning: by which rules it goes, when it began, and until when it has to be over.
 *
 * @param rules what is in force for it, whatever comes into force later
 * @param at the beginning as a point in time; 0 if the execution is not timed
 * @param isTimed whether anybody can see how long things take, so that the clock is read
 * @param deadline the deadline as a point in time, null for none
 * @param limit how long the execution has, null for none
 */
record Start(
        Rules rules,
        long at,
        boolean isTimed,
        @Nullable Long deadline,
        @Nullable Duration limit) {

    /** An execution that has begun without a parent, at a time that was read if it is timed. */
    static Start at(Rules rules, long at, boolean timed) {
        Duration limit = rules.policy().deadline().timeout().orElse(null);
        return limit != null
                ? new Start(rules, at, true, Nanos.after(at, limit), limit)
                : new Start(rules, at, timed, null, null);
    }

    /** An execution that begins now, below a parent that may leave it less time than the policy does. */
    static Start now(Engine engine, ExecutionContext parent, boolean timed) {
        Rules rules = engine.rules();
        Duration limit = rules.policy().deadline().timeout().orElse(null);
        if (limit == null && parent.remaining().isEmpty()) {
            boolean needed = timed || rules.policy().restart() != RestartPolicy.NEVER;
            return needed
                    ? new Start(rules, engine.time().nanoTime(), true, null, null)
                    : new Start(rules, 0, false, null, null);
        }
        // The clock before the parent's: what lies between the two must not make the inner deadline the later one.
        long at = engine.time().nanoTime();
        Duration left = parent.remaining().orElse(null);
        if (limit == null || left != null && left.compareTo(limit) < 0) {
            limit = left;
        }
        return limit == null
                ? new Start(rules, at, true, null, null)
                : new Start(rules, at, true, Nanos.after(at, limit), limit);
    }
}
