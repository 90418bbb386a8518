package io.grip.supervisor.thread;

import java.lang.invoke.VarHandle;
import java.util.Set;

/**
 * A full fence for whoever is about to do an atomic operation anyway, such as a compare-and-set on some variable or other,
 * between its write of one variable and its read of another: the operation serves as the fence where it is one.
 *
 * <p><b>Assumes</b> an x86 processor, all of whose atomic operations are full fences, and a HotSpot JVM, whose compilers
 * let no access pass one. The memory model promises less, so wherever an {@link AsymmetricFence} is not free, and on any
 * other processor, there is a fence of its own. {@code FenceStress} tries it.
 */
final class AtomicFence {

    private static final boolean ATOMICS_SUFFICE = AsymmetricFence.isFree()
            && Set.of("amd64", "x86_64", "x86", "i386").contains(System.getProperty("os.arch", ""));

    private AtomicFence() {}

    /** Called after the write; the atomic operation and the read follow. */
    static void beforeAtomic() {
        if (ATOMICS_SUFFICE) {
            VarHandle.releaseFence();
        } else {
            VarHandle.fullFence();
        }
    }
}
