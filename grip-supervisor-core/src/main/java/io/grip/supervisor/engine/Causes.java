package io.grip.supervisor.engine;

import org.jspecify.annotations.Nullable;

/** Reads throwables of the user's, whose methods may throw like any other code of the user's. */
final class Causes {

    private Causes() {}

    /** The cause; null if there is none, or if the throwable cannot tell. */
    static @Nullable Throwable of(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable mute) {
            return null;
        }
    }
}
