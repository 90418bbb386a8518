package io.grip.supervisor.hook;

/** Records nothing, as one object, so that the engine can tell that there is nothing to measure. */
enum NoTelemetry implements Telemetry {
    INSTANCE
}
