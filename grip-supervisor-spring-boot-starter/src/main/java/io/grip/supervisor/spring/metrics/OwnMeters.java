package io.grip.supervisor.spring.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.noop.NoopCounter;
import io.micrometer.core.instrument.noop.NoopTimer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one supervisor, which go when it is closed. Safe for use by any thread; the lock is held while a meter
 * is registered or removed, never while one records.
 */
final class OwnMeters {

    private final MeterRegistry registry;
    private final Tags supervisor;
    private final boolean shared;
    private final List<Meter> meters = new ArrayList<>();
    private boolean removed;

    /**
     * Nothing registered yet.
     *
     * @param name the supervisor; a tag of each of its meters
     */
    OwnMeters(MeterRegistry registry, String name) {
        this.registry = registry;
        this.supervisor = Tags.of("supervisor", name);
        // A supervisor of the same name in a parent context counts on the same meters. They are that one's to remove.
        this.shared = registry.find("grip.supervisor.attempts").tags(supervisor).meter() != null;
    }

    /** Registers a timer; once the meters have been removed it is one that records nothing. */
    synchronized Timer timer(String name, String description, String... tags) {
        Tags all = supervisor.and(tags);
        if (removed) {
            return new NoopTimer(new Meter.Id(name, all, null, description, Meter.Type.TIMER));
        }
        return own(Timer.builder(name).description(description).tags(all).register(registry));
    }

    synchronized Counter counter(String name, String description) {
        if (removed) {
            return new NoopCounter(new Meter.Id(name, supervisor, null, description, Meter.Type.COUNTER));
        }
        return own(
                Counter.builder(name).description(description).tags(supervisor).register(registry));
    }

    /** Registers a gauge that reads its value off an object, which it does not keep alive. */
    synchronized <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        // One that is there already reads off the other supervisor, and would not be replaced.
        if (!shared && !removed && find(name).isEmpty()) {
            own(Gauge.builder(name, source, value)
                    .description(description)
                    .tags(supervisor)
                    .register(registry));
        }
    }

    /** Takes those of a name away, which may come again. */
    synchronized void withdraw(String name) {
        find(name).forEach(meter -> {
            registry.remove(meter);
            meters.remove(meter);
        });
    }

    private List<Meter> find(String name) {
        return meters.stream()
                .filter(meter -> meter.getId().getName().equals(name))
                .toList();
    }

    /** Takes all of them away, for good. */
    synchronized void remove() {
        removed = true;
        meters.forEach(registry::remove);
        meters.clear();
    }

    private <M extends Meter> M own(M meter) {
        if (!shared && !meters.contains(meter)) {
            meters.add(meter);
        }
        return meter;
    }
}
