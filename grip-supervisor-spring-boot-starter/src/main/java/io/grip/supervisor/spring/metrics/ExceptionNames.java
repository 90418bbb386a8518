package io.grip.supervisor.spring.metrics;

import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The names that a supervisor's failures have on its meters: at most so many, so that a metrics system does not drown
 * in series when the types of exceptions are without number. Safe for use by any thread.
 */
final class ExceptionNames {

    static final String NONE = "none";
    static final String OTHER = "other";
    private static final int MOST = 20;

    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** The name of an exception: of its class, or the nearest superclass that has one; none for no exception. */
    static String of(@Nullable Throwable exception) {
        if (exception == null) {
            return NONE;
        }
        Class<?> type = exception.getClass();
        while (type.isAnonymousClass() || isHiddenOfOurs(type)) {
            type = type.getSuperclass();
        }
        return type.getSimpleName();
    }

    /** A class that the core keeps to itself: what users know it by is its superclass. */
    private static boolean isHiddenOfOurs(Class<?> type) {
        return !Modifier.isPublic(type.getModifiers()) && type.getName().startsWith("io.grip.supervisor.engine.");
    }

    /** The name itself while there is room for it, else {@link #OTHER}. */
    String admit(String name) {
        return known.contains(name) || addIfThereIsRoom(name) ? name : OTHER;
    }

    private synchronized boolean addIfThereIsRoom(String name) {
        return known.contains(name) || known.size() < MOST && known.add(name);
    }
}
