package io.grip.supervisor.spring.metrics;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;

/**
 * Has each supervisor record its numbers on meters. Comes before the customizers of the application, whose own telemetry
 * would take its place. Safe for use by any thread.
 */
public final class SupervisorMetrics implements SupervisorCustomizer, Ordered {

    private final SingletonSupplier<MeterRegistry> registry;

    /**
     * Asks for the registries when the first supervisor is made, so that those, and whatever they need, may be made late.
     *
     * @param registries where the meters go: to the only or the primary one, else to all of them
     */
    public SupervisorMetrics(ObjectProvider<MeterRegistry> registries) {
        this.registry = SingletonSupplier.of(() -> target(registries));
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public void customize(String name, Supervisor.Builder builder) {
        builder.telemetry(readings -> new SupervisorMeters(name, registry.obtain(), readings));
    }

    static MeterRegistry target(ObjectProvider<MeterRegistry> registries) {
        MeterRegistry only = registries.getIfUnique();
        return only != null ? only : allOf(registries);
    }

    private static MeterRegistry allOf(ObjectProvider<MeterRegistry> registries) {
        CompositeMeterRegistry all = new CompositeMeterRegistry();
        registries.orderedStream().forEach(all::add);
        return all;
    }
}
