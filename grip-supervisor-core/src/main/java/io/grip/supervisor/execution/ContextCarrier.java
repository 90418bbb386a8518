package io.grip.supervisor.execution;

import org.jspecify.annotations.Nullable;

/**
 * Takes along what a thread carries (logging context, trace, security) when an attempt runs on another thread.
 * Implementations are safe for use by any thread.
 */
@FunctionalInterface
public interface ContextCarrier {

    /**
     * Called once per execution on the caller's thread: captures what it carries.
     *
     * @return what puts the captured values in place on another thread
     */
    Captured capture();

    /** Carries nothing. */
    static ContextCarrier none() {
        return () -> Captured.NOTHING;
    }

    /** What was captured; used for each attempt, on whichever thread runs it, possibly on several at once. */
    @FunctionalInterface
    interface Captured {

        /** Carries nothing. */
        Captured NOTHING = new Captured() {
            @Override
            public <T extends @Nullable Object> T call(Call<T> body) throws Exception {
                return body.call();
            }
        };

        /**
         * Calls a body with the captured values in place on this thread, and puts back what was there before,
         * whether it returns or throws.
         *
         * @param body what to call, exactly once
         * @throws Exception what the body throws, the very object
         */
        <T extends @Nullable Object> T call(Call<T> body) throws Exception;
    }

    /** Something to be called with captured values in place. */
    @FunctionalInterface
    interface Call<T extends @Nullable Object> {

        /** Does it. */
        T call() throws Exception;
    }
}
