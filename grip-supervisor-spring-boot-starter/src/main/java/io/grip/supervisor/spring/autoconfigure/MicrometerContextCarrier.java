package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.execution.ContextCarrier;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes along what is registered with Micrometer's context propagation: the trace, the logging context and whatever else
 * the application has registered; never a transaction. Immutable.
 */
final class MicrometerContextCarrier implements ContextCarrier {

    private final ContextSnapshotFactory snapshots;

    MicrometerContextCarrier(ContextSnapshotFactory snapshots) {
        this.snapshots = snapshots;
    }

    @Override
    public Captured capture() {
        return new Snapshot(snapshots.captureAll());
    }

    private record Snapshot(ContextSnapshot values) implements Captured {

        @Override
        public <T extends @Nullable Object> T call(Call<T> body) throws Exception {
            return values.wrap(body::call).call();
        }
    }
}
