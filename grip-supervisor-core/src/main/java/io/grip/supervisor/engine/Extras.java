package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What only some executions have, apart from all else so that it weighs nothing for the others. Its owner is that of the
 * execution; what is final or volatile is for any thread to read.
 */
final class Extras {

    /** What the execution is cancelled with. */
    final ExecutionContext parent;

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

    /** Of an asynchronous execution, once a limit has had a say in it; volatile for whoever abandons its future. */
    volatile @Nullable AsyncPermit permit;

    /** Whose interrupt has ended the execution, if one has. */
    InterruptedBy interruptedBy = InterruptedBy.NOBODY;

    Extras(ExecutionContext parent, @Nullable Long deadline, @Nullable Duration limit) {
        this.parent = parent;
        this.deadline = deadline;
        this.limit = limit;
    }
}
