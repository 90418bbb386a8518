package io.grip.supervisor.thread;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Where a cancellation is heard: threads are looked at, and so are those who joined because they hold work that no
 * thread runs at the moment. Contexts do not register with their parents, so nothing keeps an ended one; a cancellation,
 * which is rare, looks everywhere instead. Safe for use by any thread.
 */
public final class Lookout {

    private static final Set<Listener> LISTENERS =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private Lookout() {}

    /** Something that holds work which may have been cancelled. */
    @FunctionalInterface
    public interface Listener {

        /** Looks at the work it holds; quick, and no code of the user's on this thread. */
        void look();
    }

    /** From now on the listener is told, until it is collected. */
    public static void join(Listener listener) {
        LISTENERS.add(listener);
    }

    /** Called by any thread after it has cancelled something. */
    public static void lookAtAll() {
        ThreadSlot.lookAtAll();
        Listener[] listeners;
        synchronized (LISTENERS) {
            listeners = LISTENERS.toArray(new Listener[0]);
        }
        for (Listener listener : listeners) {
            listener.look();
        }
    }
}
