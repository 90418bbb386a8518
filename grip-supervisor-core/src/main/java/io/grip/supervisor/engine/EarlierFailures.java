package io.grip.supervisor.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last few failures of an execution, oldest first. Has one owner at a time; not safe for concurrent use. */
final class EarlierFailures {

    private static final int KEPT = 8;
    private static final Throwable[] NONE = {};

    /** The oldest, by itself: most executions that fail at all fail once. */
    private @Nullable Throwable oldest;

    /** The others; grows as there is something to keep. */
    private Throwable[] others = NONE;

    private int size;

    void add(Throwable failure) {
        if (size == 0) {
            oldest = failure;
        } else {
            append(failure);
        }
        size++;
    }

    private void append(Throwable failure) {
        if (size == KEPT) {
            oldest = others[0];
            size--;
            System.arraycopy(others, 1, others, 0, size - 1);
        } else if (size > others.length) {
            others = Arrays.copyOf(others, size == 1 ? 2 : KEPT - 1);
        }
        others[size - 1] = failure;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable
    Throwable last() {
        return size < 2 ? oldest : others[size - 2];
    }

    /** Forgets them, for another execution. */
    void clear() {
        if (size > 1) {
            forgetOthers();
        }
        oldest = null;
        size = 0;
    }

    @SuppressWarnings("NullAway") // the array is one of throwables up to its size, and empty beyond
    private void forgetOthers() {
        Arrays.fill(others, 0, size - 1, null);
    }

    List<Throwable> list() {
        if (oldest == null) {
            return List.of();
        }
        List<Throwable> all = new ArrayList<>(size);
        all.add(oldest);
        all.addAll(Arrays.asList(others).subList(0, size - 1));
        return List.copyOf(all);
    }
}
