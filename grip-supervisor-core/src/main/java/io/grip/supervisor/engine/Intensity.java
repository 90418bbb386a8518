package io.grip.supervisor.engine;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.time.Nanos;
import java.util.ArrayDeque;
import java.util.Deque;

/** The restarts of one execution within the sliding period. Has one owner at a time; not safe for concurrent use. */
final class Intensity {

    private final RestartIntensity intensity;
    private final long period;
    private final Deque<Long> restarts = new ArrayDeque<>();

    Intensity(RestartIntensity intensity) {
        this.intensity = intensity;
        this.period = Nanos.of(intensity.period());
    }

    /** Whether the period that ends now has room for one more restart. */
    boolean allows(long now) {
        while (!restarts.isEmpty() && now - restarts.peekFirst() >= period) {
            restarts.removeFirst();
        }
        return restarts.size() < intensity.maxRestarts();
    }

    /** Counts a restart that was allowed. */
    void count(long now) {
        restarts.addLast(now);
    }

    /** Whether an incarnation of this length counts as healthy. */
    boolean isHealthy(long lived) {
        return lived > period;
    }
}
