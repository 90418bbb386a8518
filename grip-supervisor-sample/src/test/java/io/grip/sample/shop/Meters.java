package io.grip.sample.shop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** The supervisors' meters, as tests ask for them. */
public final class Meters {

    private final MeterRegistry registry;

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    public double retries(String supervisor) {
        return registry.get("grip.supervisor.retries").tag("supervisor", supervisor).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** @param outcome success, failure, timeout or cancelled */
    public long attempts(String supervisor, String outcome) {
        return registry
                .find("grip.supervisor.attempts")
                .tags("supervisor", supervisor, "outcome", outcome)
                .timers()
                .stream()
                .mapToLong(Timer::count)
                .sum();
    }

    public double inFlight(String supervisor) {
        return registry.get("grip.supervisor.in.flight").tag("supervisor", supervisor).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }
}
