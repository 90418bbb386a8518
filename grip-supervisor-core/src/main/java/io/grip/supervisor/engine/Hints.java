package io.grip.supervisor.engine;

import io.grip.supervisor.execution.RetryAfter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Finds how long a failure asks to wait before a retry. */
final class Hints {

    /** How far a chain of causes is followed; a loop in it ends here too. */
    private static final int DEPTH = 64;

    private Hints() {}

    /** The hint of the outermost throwable in the chain that has one: its own word, else what others know of its type. */
    static Optional<Duration> of(Throwable failure, Function<Throwable, Optional<Duration>> others) {
        Throwable link = failure;
        for (int depth = 0; link != null && depth < DEPTH; depth++) {
            Optional<Duration> hint = ofItself(link, others);
            if (hint.isPresent()) {
                return hint;
            }
            link = link.getCause();
        }
        return Optional.empty();
    }

    /** The hint of one throwable, its causes aside. */
    static Optional<Duration> ofItself(Throwable failure, Function<Throwable, Optional<Duration>> others) {
        Optional<Duration> hint =
                failure instanceof RetryAfter hinting ? Optional.of(hinting.retryAfter()) : others.apply(failure);
        boolean asksToWait =
                hint.isPresent() && !hint.get().isNegative() && !hint.get().isZero();
        return asksToWait ? hint : Optional.empty();
    }
}
