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
        if (size == kept.length) {
            makeRoom();
        }
        kept[size++] = failure;
    }

    private void makeRoom() {
        if (size == KEPT) {
            System.arraycopy(kept, 1, kept, 0, --size);
        } else {
            kept = Arrays.copyOf(kept, size == 0 ? 2 : KEPT);
        }
    }

    @Nullable
    Throwable last() {
        return size == 0 ? null : kept[size - 1];
    }

    /** Forgets them, for another execution. */
    void clear() {
        while (size > 0) {
            forget(--size);
        }
    }

    @SuppressWarnings("NullAway") // the array is one of throwables up to its size, and empty beyond
    private void forget(int place) {
        kept[place] = null;
    }

    List<Throwable> list() {
        return size == 0 ? List.of() : List.of(Arrays.copyOf(kept, size));
    }
}
