package io.grip.supervisor.engine;

import java.util.function.Supplier;

/**
 * The wait for a thread of the executor. An executor may run the command on the spot, reject what it has run, or run it
 * twice: the first to seize the run counts.
 */
final class HandOver implements Wait, Runnable {

    private final AsyncRun<?> run;
    private final Supplier<Progress.Step> first;
    private final Thread origin = Thread.currentThread();

    /** Both are seen by the origin alone: another thread leaves at the first comparison. */
    private boolean handedOver;

    private boolean onTheSpot;

    HandOver(AsyncRun<?> run, Supplier<Progress.Step> first) {
        this.run = run;
        this.first = first;
    }

    @Override
    public boolean begin() {
        try {
            run.engine().executor().execute(this);
        } catch (Throwable rejected) {
            if (!onTheSpot) {
                throw rejected;
            }
        } finally {
            handedOver = true;
        }
        return onTheSpot;
    }

    /** On the executor; run on the spot, it leaves the run to the thread that is handing over. */
    @Override
    public void run() {
        if (!run.seize(this)) {
            return;
        }
        if (Thread.currentThread() == origin && !handedOver) {
            onTheSpot = true;
        } else {
            run.own(this::next);
        }
    }

    @Override
    public Progress.Step next() {
        run.leaveCallersThread();
        return first.get();
    }

    @Override
    public Progress.Step failed(Throwable thrown) {
        return run.broken(thrown);
    }

    /** What comes next looks for itself whether it is still wanted. */
    @Override
    public EndReason whyDue() {
        return EndReason.NONE;
    }

    @Override
    public void end(EndReason reason) {
        // As above: the run is on its way.
    }
}
