package io.grip.supervisor.tree;

import java.time.Duration;

/**
 * How a worker starts. Immutable.
 *
 * @param timeout how long it may take to say that it is ready, where it has to; positive, default 30 s
 * @param first what follows when the very first start fails; default FAIL_FAST
 * @param awaitReady whether the child is up only when it says so, rather than when its code is entered; default false
 * @param settle how long after its code was entered a failure still counts as a failed first start, where FAIL_FAST
 *     holds and the child does not say when it is ready; whoever asked for the start waits it out. Zero or more, default
 *     1 s
 */
public record StartRules(Duration timeout, FirstStart first, boolean awaitReady, Duration settle) {

    private static final StartRules DEFAULTS =
            new StartRules(Duration.ofSeconds(30), FirstStart.FAIL_FAST, false, Duration.ofSeconds(1));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is missing or out of range; it names field, value and range
     */
    public StartRules {
        Checks.positive("start-timeout", Checks.notNull("start-timeout", timeout));
        Checks.notNull("first-start", first);
        Checks.notNegative("settle", Checks.notNull("settle", settle));
    }

    /** The defaults. */
    public static StartRules defaults() {
        return DEFAULTS;
    }
}
