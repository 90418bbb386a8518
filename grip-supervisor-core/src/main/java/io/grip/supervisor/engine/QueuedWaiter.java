package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.admission.Waiter;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import org.jspecify.annotations.Nullable;

/** The wait of an asynchronous run for a permit: a place in the queue that holds no thread. */
final class QueuedWaiter extends Waiter implements Wait, Runnable {

    private final AsyncRun<?> run;
    private final Permits permits;
    private final long from;

    /** Publishes the timer to those who end the wait; late for one that ends at once, who finds it called off. */
    private volatile TimeSource.@Nullable Timer timer;

    QueuedWaiter(AsyncRun<?> run, long arrival, Permits permits) {
        super(arrival);
        this.run = run;
        this.permits = permits;
        this.from = run.engine().time().nanoTime();
    }

    @Override
    public boolean begin() {
        if (permits.takeOrEnqueue(this)) {
            // Whoever has ended the wait in the meantime finds the permit granted, and gives it back.
            return run.seize(this);
        }
        Long limit = limit();
        if (limit != null) {
            timer = run.engine().time().schedule(limit, this);
            if (!run.waitsFor(this)) {
                stopTimer();
            }
        }
        return false;
    }

    /** The nearer of patience, which only the wait before the first attempt has, and deadline. */
    private @Nullable Long limit() {
        Long deadline = run.deadline();
        if (!run.isBeforeFirstAttempt()) {
            return deadline;
        }
        long patience = Nanos.after(from, run.rules().admission().maxWait());
        return deadline == null ? patience : Nanos.earlier(patience, deadline);
    }

    @Override
    public Progress.Step next() {
        run.holdPermit();
        return run.admitted();
    }

    /** The owner of a permit that was given back: it only hands over. */
    @Override
    protected void granted() {
        if (run.seize(this)) {
            run.holdPermit();
            run.continueElsewhere(this::admitted);
        }
    }

    private Progress.Step admitted() {
        over();
        EndReason reason = run.reasonToStop();
        if (reason == EndReason.NONE) {
            return run.admitted();
        }
        run.giveBackPermit();
        return run.waitEnded(reason);
    }

    /** On the timer's thread: the deadline has passed, or else the patience is over. */
    @Override
    public void run() {
        EndReason reason = run.reasonToStop();
        if (reason != EndReason.NONE) {
            end(reason);
        } else if (run.seize(this)) {
            leaveQueue();
            run.continueElsewhere(() -> run.rejected(permits.limit(), permits.inUse(), over()));
        }
    }

    @Override
    public EndReason whyDue() {
        return run.reasonToStop();
    }

    @Override
    public void end(EndReason reason) {
        if (run.seize(this)) {
            leaveQueue();
            run.continueElsewhere(() -> {
                over();
                return run.waitEnded(reason);
            });
        }
    }

    @Override
    public Progress.Step failed(Throwable thrown) {
        leaveQueue();
        return run.broken(thrown);
    }

    private void leaveQueue() {
        if (!permits.withdraw(this)) {
            permits.giveBack();
        }
    }

    /** Called by the owner when the wait has ended: records how long it was. */
    private long over() {
        stopTimer();
        long waited = run.engine().time().nanoTime() - from;
        run.engine().observers().count(telemetry -> telemetry.admissionWait(waited));
        return waited;
    }

    private void stopTimer() {
        TimeSource.Timer running = timer;
        if (running != null) {
            running.cancel();
        }
    }
}
