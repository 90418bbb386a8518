package io.grip.supervisor.tree;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The delays of one backoff policy, asked for when the tree is built: the policy may be code of the user's, which never
 * runs on the owner's thread. Immutable.
 */
final class Delays {

    /** Beyond this number of failures in a row the delay no longer changes. */
    static final int LONGEST_TABLE = 256;

    private static final long FLOOR = 1_000_000;

    private static final Delays DEFAULT = new Delays(RestartRules.DEFAULT_BACKOFF, LONGEST_TABLE, 0.5);

    private final long[] nanos;
    private final double jitter;
    private final boolean canBeNone;

    private Delays(BackoffPolicy policy, int length, double jitter) {
        this.jitter = jitter;
        long[] all = new long[length];
        for (int i = 0; i < length; i++) {
            Duration delay = policy.delay(i + 1);
            Checks.notNegative("the backoff's delay(" + (i + 1) + ")", delay);
            all[i] = Nanos.of(delay);
        }
        nanos = withoutRepetitionsAtTheEnd(all);
        canBeNone = Arrays.stream(nanos).anyMatch(delay -> delay == 0);
    }

    /** Each child has a table of its own, and most delays soon reach their largest: a few values then stand for all. */
    private static long[] withoutRepetitionsAtTheEnd(long[] all) {
        int length = all.length;
        while (length > 1 && all[length - 2] == all[length - 1]) {
            length--;
        }
        return Arrays.copyOf(all, length);
    }

    static Delays of(RestartRules rules) {
        if (rules.backoff() == RestartRules.DEFAULT_BACKOFF && rules.jitter() == 0.5) {
            return DEFAULT;
        }
        int length = Math.max(1, Math.min(rules.consecutiveFailures(), LONGEST_TABLE));
        return new Delays(rules.backoff(), length, rules.jitter());
    }

    /** The delay before the restart that follows so many failures in a row, by chance within the jitter. */
    long next(int failures, SplittableRandom random) {
        long delay = largest(failures);
        long span = (long) (delay * jitter);
        return floored(span <= 0 ? delay : delay - random.nextLong(span + 1), delay);
    }

    /** The least that {@link #next} can be. */
    long smallest(int failures) {
        long delay = largest(failures);
        return floored(delay - (long) (delay * jitter), delay);
    }

    /** The most that {@link #next} can be. */
    long largest(int failures) {
        return nanos[Math.min(Math.max(failures, 1), nanos.length) - 1];
    }

    /** Whether any of them is none at all. */
    boolean canBeNone() {
        return canBeNone;
    }

    /** Whether all of them are none at all. */
    boolean areNone() {
        return nanos.length == 1 && nanos[0] == 0;
    }

    /** A delay that was meant to be one stays one, whatever chance makes of it; none at all stays none. */
    private static long floored(long jittered, long delay) {
        return Math.max(jittered, Math.min(delay, FLOOR));
    }
}
