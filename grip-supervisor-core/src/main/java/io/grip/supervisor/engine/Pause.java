package io.grip.supervisor.engine;

import io.grip.supervisor.time.TimeSource;
import org.jspecify.annotations.Nullable;

/** The wait before a retry or restart. It is its own timer's action, since a million of them may be pending. */
final class Pause implements Wait, Runnable {

    private final AsyncRun<?> run;
    private final long from;

    /** Publishes the timer to those who end the pause; late for one that ends at once, who finds it spent. */
    private volatile TimeSource.@Nullable Timer timer;

    Pause(AsyncRun<?> run) {
        this.run = run;
        this.from = run.engine().time().nanoTime();
    }

    @Override
    public boolean begin() {
        timer = run.engine().time().schedule(from + run.progress().delay(), this);
        if (!run.waitsFor(this)) {
            stopTimer();
        }
        return false;
    }

    /** On the timer's thread: the time is over. */
    @Override
    public void run() {
        if (run.seize(this)) {
            run.continueElsewhere(() -> {
                recordWait();
                return run.progress().waited();
            });
        }
    }

    @Override
    public Progress.Step next() {
        throw new IllegalStateException("a pause does not end on the spot");
    }

    @Override
    public Progress.Step failed(Throwable thrown) {
        return run.progress().broken(thrown);
    }

    @Override
    public EndReason whyDue() {
        return run.progress().reasonToStop();
    }

    @Override
    public void end(EndReason reason) {
        if (run.seize(this)) {
            run.continueElsewhere(() -> {
                stopTimer();
                recordWait();
                return run.progress().waitEnded(reason);
            });
        }
    }

    private void stopTimer() {
        TimeSource.Timer running = timer;
        if (running != null) {
            running.cancel();
        }
    }

    private void recordWait() {
        long waited = run.engine().time().nanoTime() - from;
        run.engine().observers().count(telemetry -> telemetry.backoff(waited));
    }
}
