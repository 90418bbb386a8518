package io.grip.sample.shop.outbox;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** What workers do wrong, on request: asked by them at each step, set by any thread. */
@Component
class Mischief {

    /** What a worker does at its next steps. */
    enum Kind {
        /** Nothing wrong. */
        NONE,
        /** Throws. */
        FAIL,
        /** Stands still, until it is interrupted or the mischief is over. */
        HANG,
        /** Stands still, and does not even mind an interrupt, until the mischief is over. */
        DEAF
    }

    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    Map<String, Kind> all() {
        return Map.copyOf(kinds);
    }

    synchronized void set(String worker, Kind kind) {
        kinds.put(worker, kind);
        notifyAll();
    }

    /** A step of a worker. */
    void at(String worker) throws InterruptedException {
        switch (kinds.getOrDefault(worker, Kind.NONE)) {
            case NONE -> {}
            case FAIL -> throw new IllegalStateException("mischief: " + worker + " fails");
            case HANG -> standStill(worker, Kind.HANG);
            case DEAF -> standStillDeaf(worker);
        }
    }

    private synchronized void standStill(String worker, Kind kind) throws InterruptedException {
        while (kinds.get(worker) == kind) {
            wait();
        }
    }

    private void standStillDeaf(String worker) throws InterruptedException {
        boolean interrupted = false;
        boolean over = false;
        while (!over) {
            try {
                standStill(worker, Kind.DEAF);
                over = true;
            } catch (InterruptedException ignoredForNow) {
                interrupted = true;
            }
        }
        if (interrupted) {
            throw new InterruptedException("mischief: " + worker + " hears of it only now");
        }
    }
}
