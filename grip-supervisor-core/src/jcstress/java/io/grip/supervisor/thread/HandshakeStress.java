package io.grip.supervisor.thread;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The interrupt of a watchdog against everything it may meet. Each outcome that is not listed is forbidden. */
public final class HandshakeStress {

    private HandshakeStress() {}

    /** Our interrupt against the end of the stretch: it lands within it or not at all. */
    @JCStressTest
    @State
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "came too late")
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "landed, and was cleared")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the stretch")
    public static class InterruptAgainstEnd {
        private final StressFrame frame = new StressFrame();
        private volatile Thread thread;
        private volatile boolean looked;

        @Actor
        public void owner(ZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enter(null);
            result.r1 = frame.leave();
            await();
            result.r2 = Thread.interrupted();
        }

        @Actor
        public void watchdog() {
            if (thread != null) {
                frame.look(thread);
            }
            looked = true;
        }

        private void await() {
            while (!looked) {
                Thread.onSpinWait();
            }
        }
    }

    /** Our interrupt against that of another: theirs is lost only where it merges with ours. */
    @JCStressTest
    @State
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "ours came too late, theirs is pending")
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "ours was cleared, theirs came after")
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE_INTERESTING, desc = "merged: the one case of SPEC 5")
    @Outcome(expect = Expect.FORBIDDEN, desc = "theirs was lost without ours")
    public static class InterruptAgainstForeignInterrupt {
        private final StressFrame frame = new StressFrame();
        private volatile Thread thread;
        private volatile boolean looked;
        private volatile boolean interrupted;

        @Actor
        public void owner(ZZ_Result result) {
            frame.due = true;
            frame.enter(null);
            thread = Thread.currentThread();
            result.r1 = frame.leave();
            while (!looked || !interrupted) {
                Thread.onSpinWait();
            }
            result.r2 = Thread.interrupted();
        }

        @Actor
        public void watchdog() {
            while (thread == null) {
                Thread.onSpinWait();
            }
            frame.look(thread);
            looked = true;
        }

        @Actor
        public void stranger() {
            while (thread == null) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            interrupted = true;
        }
    }

    /** Our interrupt of one use against the next use of the same frame on the same thread, which is not due. */
    @JCStressTest
    @State
    @Outcome(id = "false, false, false", expect = Expect.ACCEPTABLE, desc = "came too late for the first")
    @Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "landed in the first")
    @Outcome(expect = Expect.FORBIDDEN, desc = "reached the second use, or leaked")
    public static class InterruptAgainstNextUse {
        private final StressFrame frame = new StressFrame();
        private volatile Thread thread;
        private volatile boolean looked;

        @Actor
        public void owner(ZZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enter(null);
            result.r1 = frame.leave();
            frame.due = false;
            frame.enter(null);
            result.r2 = frame.leave();
            while (!looked) {
                Thread.onSpinWait();
            }
            result.r3 = Thread.interrupted();
        }

        @Actor
        public void watchdog() {
            if (thread != null) {
                frame.look(thread);
                frame.look(thread);
            }
            looked = true;
        }
    }

    /** Outer and inner frame both due: when the inner one leaves, the outer one is still owed its flag. */
    @JCStressTest
    @State
    @Outcome(id = "false, false, false", expect = Expect.ACCEPTABLE, desc = "nobody was interrupted")
    @Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "only the inner one was, and cleared it")
    @Outcome(id = "false, true, false", expect = Expect.ACCEPTABLE, desc = "only the outer one was, and cleared it")
    @Outcome(id = "true, true, false", expect = Expect.ACCEPTABLE, desc = "both were, one after the other")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a flag leaked")
    public static class NestedInterrupts {
        private final StressFrame outer = new StressFrame();
        private final StressFrame inner = new StressFrame();
        private volatile Thread thread;
        private volatile boolean looked;

        @Actor
        public void owner(ZZZ_Result result) {
            thread = Thread.currentThread();
            outer.due = true;
            inner.due = true;
            outer.enter(null);
            inner.enter(outer);
            result.r1 = inner.leave();
            boolean owed = inner.outerInterrupted();
            boolean flag = Thread.currentThread().isInterrupted();
            result.r2 = outer.leave();
            while (!looked) {
                Thread.onSpinWait();
            }
            // The outer frame's flag must have been there for its code, once it was interrupted before the inner left.
            result.r3 = Thread.interrupted() || owed && !flag;
        }

        @Actor
        public void watchdog() {
            if (thread != null) {
                outer.look(thread);
                inner.look(thread);
            }
            looked = true;
        }
    }

    /** Our interrupt against the end of a light stretch, which is over without a fence where nobody wants it. */
    @JCStressTest
    @State
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "came too late")
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "landed, and was cleared")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the stretch")
    public static class InterruptAgainstLightEnd extends LightFixture {

        @Actor
        public void owner(ZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enterLightly();
            work();
            result.r1 = frame.leave();
            result.r2 = flagAtLast(1);
        }

        @Actor
        public void watchdog() {
            look();
        }
    }

    /** Two who want a light stretch at once, against its end and the next one, which is not due. */
    @JCStressTest
    @State
    @Outcome(id = "false, false, false", expect = Expect.ACCEPTABLE, desc = "both came too late for the first")
    @Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "landed in the first")
    @Outcome(expect = Expect.FORBIDDEN, desc = "reached the second use, or leaked")
    public static class InterruptsAgainstNextLightUse extends LightFixture {

        @Actor
        public void owner(ZZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enterLightly();
            work();
            result.r1 = frame.leave();
            frame.due = false;
            frame.enterLightly();
            work();
            result.r2 = frame.leave();
            result.r3 = flagAtLast(2);
        }

        @Actor
        public void watchdog() {
            look();
        }

        @Actor
        public void other() {
            look();
        }
    }

    /** The owner holds its light stretch, as it does between two attempts, while another wants it. */
    @JCStressTest
    @State
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "came too late")
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "landed, and was cleared")
    @Outcome(expect = Expect.FORBIDDEN, desc = "came while the frame was held, or leaked")
    public static class InterruptAgainstHold extends LightFixture {

        @Actor
        public void owner(ZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enterLightly();
            boolean disturbed = false;
            for (int attempt = 0; attempt < 3; attempt++) {
                if (frame.tryHold()) {
                    boolean before = Thread.currentThread().isInterrupted();
                    work();
                    disturbed |= before != Thread.currentThread().isInterrupted();
                    frame.letGo();
                }
            }
            result.r1 = frame.leave();
            result.r2 = flagAtLast(1) || disturbed;
        }

        @Actor
        public void watchdog() {
            look();
        }
    }

    /** The owner guards its light stretch, as it does once its context is asked, while another does the same. */
    @JCStressTest
    @State
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "came too late")
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "landed, and was cleared")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the stretch")
    public static class InterruptAgainstGuard extends LightFixture {

        @Actor
        public void owner(ZZ_Result result) {
            thread = Thread.currentThread();
            frame.due = true;
            frame.enterLightly();
            work();
            frame.guardByOwner();
            result.r1 = frame.leave();
            result.r2 = flagAtLast(1);
        }

        @Actor
        public void watchdog() {
            look();
        }
    }

    /** What another does to a light stretch while it runs is done within it: the owner sees it once it has left. */
    @JCStressTest
    @State
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "came too late, and was told so")
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "was done, and seen")
    @Outcome(expect = Expect.FORBIDDEN, desc = "was done behind the owner's back")
    public static class ActionAgainstLightEnd extends LightFixture {
        private volatile boolean done;
        private volatile boolean told;

        @Actor
        public void owner(ZZ_Result result) {
            thread = Thread.currentThread();
            frame.enterLightly();
            work();
            frame.leave();
            boolean seen = done;
            flagAtLast(1);
            result.r1 = seen;
            result.r2 = told == seen && done == seen;
        }

        @Actor
        public void other() {
            Thread owner = thread;
            if (owner != null) {
                told = frame.whileRunning(owner, () -> done = true);
            }
            looked.incrementAndGet();
        }
    }

    private static class LightFixture {
        final StressFrame frame = new StressFrame();
        final AtomicInteger looked = new AtomicInteger();
        volatile Thread thread;

        void look() {
            Thread owner = thread;
            if (owner != null) {
                frame.look(owner);
            }
            looked.incrementAndGet();
        }

        static void work() {
            for (int spin = 0; spin < 20; spin++) {
                Thread.onSpinWait();
            }
        }

        /** The flag once everybody has looked; clears it for the next one. */
        boolean flagAtLast(int lookers) {
            while (looked.get() < lookers) {
                Thread.onSpinWait();
            }
            return Thread.interrupted();
        }
    }
}
