package io.grip.supervisor.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a decision depends on besides the policy and the failure.
 *
 * @param attempt the number of the attempt that has just ended, within its incarnation
 * @param room what is left of the deadline in nanoseconds, null without one
 * @param shuttingDown whether the supervisor is draining or closed
 * @param restartsAllowed whether the intensity allows one more restart now
 * @param restartsSinceHealthy how many restarts there were since the last healthy incarnation
 * @param draw a random number, uniform in [0, 1), for the jitter
 */
record Situation(
        int attempt,
        @Nullable Long room,
        boolean shuttingDown,
        boolean restartsAllowed,
        int restartsSinceHealthy,
        double draw) {

    boolean hasRoomFor(long delay) {
        return room == null || delay < room;
    }
}
