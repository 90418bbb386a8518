package io.grip.supervisor.engine;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads throwables of the user's, whose methods may throw like any other code of the user's. */
final class Causes {

    /** How far a chain of causes is followed; a loop in it ends here too. */
    private static final int DEPTH = 64;

    private Causes() {}

    /** The cause; null if there is none, or if the throwable cannot tell. */
    static @Nullable Throwable of(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable mute) {
            return null;
        }
    }

    /** Whether a condition holds for the throwable or one of its causes. */
    static boolean anyOf(Throwable thrown, Predicate<? super Throwable> condition) {
        Throwable link = thrown;
        for (int depth = 0; link != null && depth < DEPTH; depth++) {
            if (condition.test(link)) {
                return true;
            }
            link = of(link);
        }
        return false;
    }
}
