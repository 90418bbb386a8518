package io.grip.supervisor.spring;

import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The names that a supervisor's failures have where systems that keep series by name see them: at most so many, so that
 * those do not drown when the types of exceptions are without number. Safe for use by any thread.
 */
public final class ExceptionNames {

    /** The name where there is no exception. */
    public static final String NONE = "none";

    /** The name of all exceptions for whose own there was no room left. */
    public static final String OTHER = "other";

    private static final int MOST = 20;

    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** Nothing known yet; room for 20 names. */
    public ExceptionNames() {}

    /** The name of an exception: of its class, or the nearest superclass that has one; {@link #NONE} for no exception. */
    public static String of(@Nullable Throwable exception) {
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

    /** The name itself while there is room for it, else {@link #OTHER}; {@link #NONE} takes no room. */
    public String admit(String name) {
        return name.equals(NONE) || known.contains(name) || addIfThereIsRoom(name) ? name : OTHER;
    }

    private synchronized boolean addIfThereIsRoom(String name) {
        return known.contains(name) || known.size() < MOST && known.add(name);
    }
}
