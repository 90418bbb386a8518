package io.grip.supervisor.engine;

import io.grip.supervisor.hook.Telemetry;
import java.util.OptionalInt;

/** What gauges read off an engine. Safe for use by any thread. */
record EngineReadings(Engine engine) implements Telemetry.Readings {

    @Override
    public int inFlight() {
        return engine.inFlight();
    }

    @Override
    public int waiting() {
        return engine.waiting();
    }

    @Override
    public int abandonedThreads() {
        return engine.countAbandonedThreads();
    }

    @Override
    public OptionalInt retriesLeft() {
        return engine.retriesLeft();
    }

    @Override
    public OptionalInt admissionLimit() {
        return engine.policy().admission().maxConcurrency();
    }
}
