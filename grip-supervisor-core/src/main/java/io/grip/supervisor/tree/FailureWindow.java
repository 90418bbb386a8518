package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.time.Nanos;

/**
 * The second budget of a supervisor: its latest failures, in a ring of one more than are allowed. Has one owner; not
 * safe for concurrent use.
 */
final class FailureWindow {

    private final long period;
    private final long[] ring;
    private int count;
    private int next;

    FailureWindow(RestartIntensity intensity) {
        period = Nanos.of(intensity.period());
        ring = new long[intensity.maxRestarts() + 1];
    }

    /** Counts a failure. Returns whether the period that ends now holds more than it may. */
    boolean exceededBy(long now) {
        ring[next] = now;
        next = (next + 1) % ring.length;
        if (count < ring.length) {
            count++;
        }
        return count == ring.length && now - ring[next] < period;
    }

    void clear() {
        count = 0;
    }
}
