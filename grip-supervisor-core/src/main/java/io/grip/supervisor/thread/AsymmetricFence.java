package io.grip.supervisor.thread;

import java.lang.invoke.VarHandle;

/**
 * A fence between two sides that each write one variable and then read the other's, so that at least one of them sees
 * what the other wrote. It is free for the side that does this on every call, and dear for the side that hardly ever
 * does: that one makes the threads of the first side stop.
 *
 * <p><b>Assumes</b> a HotSpot JVM, which stops a thread before it tells of its stack: a thread that was stopped has
 * published all it had written before, and reads nothing afterwards that is older. No specification promises that, so
 * any other JVM, and one that was started with {@code -Dio.grip.supervisor.fences=full}, gets a full fence on both sides
 * (the name keeps clear of the keys {@code grip.supervisor}, of which Spring Boot's side refuses those it does not know).
 * The same stop is what the JVM's own collector relies on. {@code FenceStress} tries it.
 */
final class AsymmetricFence {

    private static final boolean STOPS_THREADS = isWantedOnHotSpot() && mayAsk();

    /** Whether a class of threads tells of its stack in a way of its own, which need not stop anything. */
    private static final ClassValue<Boolean> TELLS_ITSELF = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return !type.getMethod("getStackTrace")
                        .getDeclaringClass()
                        .getName()
                        .startsWith("java.lang.");
            } catch (NoSuchMethodException impossible) {
                throw new AssertionError(impossible);
            }
        }
    };

    private AsymmetricFence() {}

    /** Called by the frequent side between its write and its read. */
    static void light() {
        if (STOPS_THREADS) {
            // Holds the compiler, which else may swap the two; the processor is held by the other side.
            VarHandle.releaseFence();
        } else {
            VarHandle.fullFence();
        }
    }

    /**
     * Called by the rare side between its write and its read of what one thread may write. Takes some microseconds, or
     * tens of them, and no lock.
     */
    static void heavy(Thread other) {
        VarHandle.fullFence();
        if (STOPS_THREADS && other != Thread.currentThread() && other.isAlive()) {
            if (TELLS_ITSELF.get(other.getClass())) {
                stopAll();
            } else {
                other.getStackTrace();
            }
        }
        VarHandle.fullFence();
    }

    /** As {@link #heavy}, for what any thread may write; the more threads there are, the dearer: some milliseconds for hundreds. */
    static void heavyForAll() {
        VarHandle.fullFence();
        if (STOPS_THREADS) {
            stopAll();
        }
        VarHandle.fullFence();
    }

    /** All platform threads at once; a virtual thread runs on one of them, or has published what it wrote by leaving it. */
    private static void stopAll() {
        Thread.getAllStackTraces();
    }

    /** Whether it is free for the frequent side; if not, both sides take full fences. */
    static boolean isFree() {
        return STOPS_THREADS;
    }

    /** Whether this is the JVM whose ways are known, and nobody has asked for full fences instead. */
    private static boolean isWantedOnHotSpot() {
        String vm = System.getProperty("java.vm.name", "");
        return (vm.contains("HotSpot") || vm.contains("OpenJDK"))
                && !"full".equals(System.getProperty("io.grip.supervisor.fences"));
    }

    /** Whether a thread may be asked for its stack; a security manager can refuse that. */
    private static boolean mayAsk() {
        try {
            stopAll();
            return true;
        } catch (SecurityException refused) {
            return false;
        }
    }
}
