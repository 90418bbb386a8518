package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A view of one use of an attempt's frame, made on demand and dropped freely. Once the attempt has succeeded, its frame
 * may serve another: the view then knows nothing but the execution it was part of.
 */
final class AttemptContext implements ExecutionContext, Timed, Member {

    private final AttemptFrame frame;
    private final long use;
    private final @Nullable RunContext run;
    private final int attempt;

    AttemptContext(AttemptFrame frame, long use, @Nullable RunContext run, int attempt) {
        this.frame = frame;
        this.use = use;
        this.run = run;
        this.attempt = attempt;
    }

    @Override
    public void cancel() {
        frame.cancel(use);
    }

    @Override
    public boolean isCancelled() {
        boolean unwanted = frame.isUnwanted();
        return frame.isUse(use) ? unwanted : run != null && run.isUnwanted();
    }

    @Override
    public Optional<Duration> remaining() {
        Optional<Duration> remaining = frame.remaining();
        return frame.isUse(use) ? remaining : run == null ? Optional.empty() : run.remaining();
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public void commit() {
        frame.commit(use);
    }

    @Override
    public TimeSource time() {
        return frame.time();
    }

    @Override
    public Engine engine() {
        return frame.engine();
    }

    @Override
    public Object root() {
        return run == null ? frame : run;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AttemptContext that && frame == that.frame && use == that.use;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(frame) * 31 + Long.hashCode(use);
    }

    @Override
    public String toString() {
        return "attempt " + attempt;
    }
}
