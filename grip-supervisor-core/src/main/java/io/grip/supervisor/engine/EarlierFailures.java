package io.grip.supervisor.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last few failures of an execution, oldest first. Has one owner at a time; not safe for concurrent use. */
final class EarlierFailures {

    private static final int KEPT = 8;
    private static final Throwable[] NONE = {};

    /** Grows as there is something to keep: most executions that fail at all fail once. */
    private Throwable[] kept = NONE;

    private int size;

    void add(Throwable failure) {
        if (size == KEPT) {
            System.arraycopy(kept, 1, kept, 0, --size);
        } else if (size == kept.length) {
            kept = Arrays.copyOf(kept, size == 0 ? 2 : KEPT);
        }
        kept[size++] = failure;
    }

    @Nullable
    Throwable last() {
        return size == 0 ? null : kept[size - 1];
    }

    /** Forgets them, for another execution. */
    void clear() {
        Arrays.fill(kept, 0, size, null);
        size = 0;
    }

    List<Throwable> list() {
        return size == 0 ? List.of() : List.of(Arrays.copyOf(kept, size));
    }
}
