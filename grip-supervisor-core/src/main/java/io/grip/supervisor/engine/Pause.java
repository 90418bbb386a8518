package io.grip.supervisor.engine;

import io.grip.supervisor.time.TimeSource;

/**
 * The wait before a retry or restart. A million of them may be pending, so all there is to it is in the run, its alarm
 * included, and this is made anew by whoever has to do with it.
 *
 * <p>So nothing tells two pauses of one run apart. None has to be: an alarm rings once for each time it was set, and
 * whatever else ends a pause ends the execution with it.
 */
final class Pause implements Wait {

    /** Stands for every pause as what a run waits for. */
    private static final Object TOKEN = new Object();

    private final AsyncRun<?> run;

    /** When it is to be over, as a point in time; asked of one that begins, and of no other. */
    private final long until;

    private Pause(AsyncRun<?> run, long until) {
        this.run = run;
        this.until = until;
    }

    /** One that is about to begin. */
    static Pause until(AsyncRun<?> run, long point) {
        return new Pause(run, point);
    }

    /** The one that is under way. */
    static Pause of(AsyncRun<?> run) {
        return new Pause(run, 0);
    }

    /** Whether this is what stands for a pause. */
    static boolean isToken(Object phase) {
        return phase == TOKEN;
    }

    @Override
    public Object token() {
        return TOKEN;
    }

    @Override
    public boolean begin() {
        TimeSource.Timer timer = run.time().schedule(until, run);
        if (!run.waitsFor(this)) {
            // By the handle, for this pause alone: it may have ended as it should, and the next may be about to begin.
            timer.cancel();
        }
        return false;
    }

    /** On the timer's thread: the time is over. */
    void over() {
        if (run.seize(this)) {
            run.continueElsewhere(() -> {
                run.recordPause();
                return run.waited();
            });
        }
    }

    @Override
    public Progress.Step next() {
        throw new IllegalStateException("a pause does not end on the spot");
    }

    @Override
    public Progress.Step failed(Throwable thrown) {
        run.stopAlarm();
        return run.broken(thrown);
    }

    @Override
    public EndReason whyDue() {
        return run.reasonToStop();
    }

    @Override
    public void end(EndReason reason) {
        if (run.seize(this)) {
            run.continueElsewhere(() -> {
                run.stopAlarm();
                run.recordPause();
                return run.waitEnded(reason);
            });
        }
    }
}
