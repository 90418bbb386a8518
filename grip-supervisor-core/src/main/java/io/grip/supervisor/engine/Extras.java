package io.grip.supervisor.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What only some executions have, apart from all else so that it weighs nothing for the others. Its owner is that of the
 * execution; but the deadline, which is final, is for any thread.
 */
final class Extras {

    /** The deadline as a point in time, null for none. */
    final @Nullable Long deadline;

    /** How long the execution has, null for no limit. */
    final @Nullable Duration limit;

    /** What follows it; null if nobody traces. */
    @Nullable
    Traced trace;

    /** From the second failure on that another attempt follows, or was to follow, all of them; null before. */
    @Nullable
    EarlierFailures earlier;

    /** Null under a policy that restarts nothing. */
    @Nullable
    Restarts restarts;

    /** Whose interrupt has ended the execution, if one has. */
    InterruptedBy interruptedBy = InterruptedBy.NOBODY;

    Extras(@Nullable Long deadline, @Nullable Duration limit) {
        this.deadline = deadline;
        this.limit = limit;
    }
}
