package io.grip.supervisor.spring.endpoint;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hears of each change that was made through the endpoint, on the thread that made it. */
@FunctionalInterface
public interface ChangeListener {

    /** Called after the change. */
    void changed(Change change);

    /**
     * A change that was made.
     *
     * @param by who made it; null if that is not known
     * @param kind {@code calls} or {@code trees}
     * @param name of the supervisor or the tree
     * @param path of the child within the tree; empty for a supervisor of calls
     * @param action {@code update}, {@code drain}, {@code resume}, {@code restart}, {@code stop} or {@code start}
     * @param from what was before: values by leaf, or the state
     * @param to what is now
     */
    record Change(
            @Nullable String by,
            String kind,
            String name,
            String path,
            String action,
            Map<String, String> from,
            Map<String, String> to) {}
}
