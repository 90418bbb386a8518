package io.grip.supervisor.engine;

import io.grip.supervisor.policy.RestartIntensity;

/** The incarnations of one execution that may be restarted. Has one owner at a time; not safe for concurrent use. */
final class Restarts {

    private final Intensity intensity;
    private int count;
    private int sinceHealthy;
    private long incarnationStartedAt;
    private int attemptsBefore;

    /** At the point in time at which the first incarnation begins. */
    Restarts(RestartIntensity intensity, long now) {
        this.intensity = new Intensity(intensity);
        this.incarnationStartedAt = now;
    }

    void incarnationStarted(long now) {
        incarnationStartedAt = now;
    }

    /** How many restarts there were since an incarnation last was healthy, which the one that ends now may be. */
    int sinceHealthy(long now) {
        if (intensity.isHealthy(now - incarnationStartedAt)) {
            sinceHealthy = 0;
        }
        return sinceHealthy;
    }

    /** Whether the intensity has room for one more. */
    boolean allowsOneMore(long now) {
        return intensity.allows(now);
    }

    /** Counts a restart that was allowed, after an incarnation of so many attempts. */
    void add(long now, int attempts) {
        count = Progress.next(count);
        sinceHealthy = Progress.next(sinceHealthy);
        attemptsBefore = (int) Math.min(Integer.MAX_VALUE, (long) attemptsBefore + attempts);
        intensity.count(now);
    }

    int count() {
        return count;
    }

    /** The attempts of all incarnations but the present one. */
    int attemptsBefore() {
        return attemptsBefore;
    }
}
