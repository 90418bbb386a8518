package io.grip.supervisor.engine;

import java.util.ArrayList;
import java.util.List;

/** The last few failures of an execution, oldest first. Has one owner at a time; not safe for concurrent use. */
final class EarlierFailures {

    private static final int KEPT = 8;

    /** Made when there is something to keep: most executions that fail at all fail once. */
    private List<Throwable> kept = List.of();

    void add(Throwable failure) {
        if (kept.isEmpty()) {
            kept = new ArrayList<>(2);
        } else if (kept.size() == KEPT) {
            kept.remove(0);
        }
        kept.add(failure);
    }

    List<Throwable> list() {
        return kept.isEmpty() ? List.of() : List.copyOf(kept);
    }
}
