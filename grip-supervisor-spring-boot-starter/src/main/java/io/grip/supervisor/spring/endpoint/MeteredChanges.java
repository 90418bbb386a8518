package io.grip.supervisor.spring.endpoint;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;

/** Counts changes as {@code grip.supervisor.changes}. Safe for use by any thread. */
public final class MeteredChanges implements ChangeListener {

    private final Supplier<List<MeterRegistry>> registries;

    /** Counts in registries that are asked for with each change. */
    public MeteredChanges(Supplier<List<MeterRegistry>> registries) {
        this.registries = registries;
    }

    @Override
    public void changed(Change change) {
        registries
                .get()
                .forEach(registry -> registry.counter(
                                "grip.supervisor.changes",
                                "kind",
                                change.kind(),
                                "supervisor",
                                change.name(),
                                "action",
                                change.action())
                        .increment());
    }
}
