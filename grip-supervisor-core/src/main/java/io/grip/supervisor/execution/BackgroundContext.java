package io.grip.supervisor.execution;

import java.time.Duration;
import java.util.Optional;

/** The root of all contexts. */
final class BackgroundContext implements ExecutionContext {

    static final BackgroundContext INSTANCE = new BackgroundContext();

    private BackgroundContext() {}

    @Override
    public void cancel() {
        throw new UnsupportedOperationException(
                "the background context cannot be cancelled; derive one with withTimeout, or run under a supervisor");
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public Optional<Duration> remaining() {
        return Optional.empty();
    }

    @Override
    public int attempt() {
        return 0;
    }

    @Override
    public void commit() {
        // There is no attempt that could be repeated.
    }

    @Override
    public String toString() {
        return "background";
    }
}
