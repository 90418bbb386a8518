package io.grip.supervisor.thread;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The fence that costs one side nothing: each side writes its own variable and reads the other's. */
public final class FenceStress {

    private FenceStress() {}

    /** What each side writes, and the other one reads. */
    abstract static class Sides {
        private static final VarHandle INSIDE;

        static {
            try {
                INSIDE = MethodHandles.lookup().findVarHandle(Sides.class, "inside", int.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        @SuppressWarnings("unused") // through INSIDE
        private int inside;

        volatile int wanted;

        final void enter() {
            INSIDE.setRelease(this, 1);
        }

        final int inside() {
            return (int) INSIDE.getAcquire(this);
        }
    }

    /** Neither a processor nor a compiler may let both reads come before both writes. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the frequent side was first")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the rare side was first")
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both at once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "neither has seen the other")
    public static class LightAgainstHeavy extends Sides {
        /** Who the frequent side is, from one state to the next: an actor mostly stays on its thread. */
        private static volatile Thread frequent = Thread.currentThread();

        @Actor
        public void frequent(II_Result result) {
            Thread self = Thread.currentThread();
            if (frequent != self) {
                frequent = self;
            }
            enter();
            AsymmetricFence.light();
            result.r1 = wanted;
        }

        @Actor
        public void rare(II_Result result) {
            wanted = 1;
            AsymmetricFence.heavy(frequent);
            result.r2 = inside();
        }
    }

    /** The same where all threads are stopped at once. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the frequent side was first")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the rare side was first")
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both at once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "neither has seen the other")
    public static class LightAgainstHeavyForAll extends Sides {
        @Actor
        public void frequent(II_Result result) {
            enter();
            AsymmetricFence.light();
            result.r1 = wanted;
        }

        @Actor
        public void rare(II_Result result) {
            wanted = 1;
            AsymmetricFence.heavyForAll();
            result.r2 = inside();
        }
    }

    /** An atomic operation in the place of the fence, on a variable that nobody else uses. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the frequent side was first")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the rare side was first")
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both at once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "neither has seen the other")
    public static class AtomicAgainstFull extends Sides {
        private final AtomicLongArray permits = new AtomicLongArray(1);

        @Actor
        public void frequent(II_Result result) {
            enter();
            AtomicFence.beforeAtomic();
            permits.compareAndSet(0, 0, 1);
            result.r1 = wanted;
        }

        @Actor
        public void rare(II_Result result) {
            wanted = 1;
            VarHandle.fullFence();
            result.r2 = inside();
        }
    }
}
