package io.grip.supervisor.thread;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The threads that the library starts: virtual ones where the running JVM has them (21 and later), else daemons. One
 * jar serves both, so what Java 17 lacks is looked up by name, once.
 */
public final class Threads {

    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtualHandle();
    private static final @Nullable ThreadFactory VIRTUAL = virtualFactory(true);
    private static final @Nullable ThreadFactory VIRTUAL_BARE = virtualFactory(false);
    private static final AtomicLong NUMBERS = new AtomicLong();

    private Threads() {}

    /** Whether the running JVM has virtual threads. */
    public static boolean haveVirtual() {
        return VIRTUAL != null;
    }

    /** Whether a thread is a virtual one. */
    public static boolean isVirtual(Thread thread) {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A new thread, not yet started: virtual, or a daemon. */
    public static Thread create(String name, Runnable body) {
        Thread thread = VIRTUAL != null ? VIRTUAL.newThread(body) : new Thread(body);
        thread.setDaemon(true);
        thread.setName(name);
        return thread;
    }

    /** A new thread that has been started. */
    public static Thread start(String name, Runnable body) {
        Thread thread = create(name, body);
        thread.start();
        return thread;
    }

    /**
     * As {@link #start}, but nothing of the calling thread goes over to it: no inheritable thread locals, no priority,
     * and another context class loader.
     */
    public static Thread startBare(String name, @Nullable ClassLoader contextLoader, Runnable body) {
        Thread thread = VIRTUAL_BARE != null ? VIRTUAL_BARE.newThread(body) : new Thread(null, body, name, 0, false);
        thread.setDaemon(true);
        thread.setName(name);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(contextLoader);
        thread.start();
        return thread;
    }

    /**
     * Starts a thread that keeps the JVM from exiting until a latch is open: a platform thread and no daemon, which all
     * other threads of the library are.
     */
    public static Thread startKeeper(String name, CountDownLatch ended) {
        Thread keeper = new Thread(() -> awaitOpen(ended), name);
        keeper.setDaemon(false);
        keeper.start();
        return keeper;
    }

    /** Nobody has a reason to interrupt a keeper, and it must not end before its latch is open. */
    private static void awaitOpen(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException stray) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The executor that continues asynchronous executions where the user gives none; one for the whole JVM. */
    public static Executor sharedExecutor() {
        return Shared.EXECUTOR;
    }

    private static Thread createNumbered(Runnable body) {
        return create(nextName(), body);
    }

    private static String nextName() {
        return "grip-supervisor-" + NUMBERS.incrementAndGet();
    }

    private static @Nullable MethodHandle isVirtualHandle() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException beforeJava21) {
            return null;
        }
    }

    /** The factory behind {@code Thread.ofVirtual().factory()}; null where that is absent or still a preview. */
    private static @Nullable ThreadFactory virtualFactory(boolean inherits) {
        try {
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Object virtual = Thread.class.getMethod("ofVirtual").invoke(null);
            builder.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(virtual, inherits);
            return (ThreadFactory) builder.getMethod("factory").invoke(virtual);
        } catch (ReflectiveOperationException | RuntimeException beforeJava21) {
            return null;
        }
    }

    /** Made when first needed: a JVM that never goes asynchronous has no crew. */
    private static final class Shared {

        /** Virtual threads are so cheap that each command has its own, and leaves nothing to another. */
        static final Executor EXECUTOR =
                VIRTUAL != null ? body -> createNumbered(body).start() : new Crew(Threads::createForMany);
    }

    /** A thread that outlives whoever happens to need it first, and takes nothing along from there. */
    private static Thread createForMany(Runnable body) {
        Thread thread = new Thread(null, body, nextName(), 0, false);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }
}
