package io.grip.supervisor.admission;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** One permit, and those who want it at the same moment. */
public final class PermitsStress {

    private PermitsStress() {}

    private static final class Counting extends Waiter {
        private volatile int grants;

        Counting(long arrival) {
            super(arrival);
        }

        @Override
        protected void granted() {
            grants++;
        }
    }

    /** A waiter that gives up against the permit that comes free. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "nothing is out, nobody waits")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit was lost or doubled")
    public static class WithdrawAgainstGrant {
        private final Permits permits = new Permits(1);
        private final Counting waiter;

        public WithdrawAgainstGrant() {
            permits.tryTake();
            waiter = new Counting(permits.arrive());
        }

        @Actor
        public void impatient() {
            if (permits.takeOrEnqueue(waiter) || !permits.withdraw(waiter)) {
                permits.giveBack();
            }
        }

        @Actor
        public void holder() {
            permits.giveBack();
        }

        @Arbiter
        public void after(II_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
        }
    }

    /** Somebody who comes along against a waiter whose permit comes free: the one that waits is served. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, true", expect = Expect.ACCEPTABLE, desc = "the waiter has it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "overtaken, lost or doubled")
    public static class PassingByAgainstGrant {
        private final Permits permits = new Permits(1);
        private final Counting waiter;
        private volatile boolean overtaken;

        public PassingByAgainstGrant() {
            permits.tryTake();
            waiter = new Counting(permits.arrive());
            permits.takeOrEnqueue(waiter);
        }

        @Actor
        public void passerBy() {
            overtaken = permits.tryTake();
        }

        @Actor
        public void holder() {
            permits.giveBack();
        }

        @Arbiter
        public void after(IIZ_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
            result.r3 = waiter.isGranted() && waiter.grants == 1 && !overtaken;
        }
    }

    /** A live change of the limit against a grant and an arrival: in the end as many are out as were taken. */
    @JCStressTest
    @State
    @Outcome(id = "2, 0, 2", expect = Expect.ACCEPTABLE, desc = "both waiters were served")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit was lost or doubled, or a waiter forgotten")
    public static class ResizeAgainstGrant {
        private final Permits permits = new Permits(1);
        private final Counting first;
        private final Counting second;

        public ResizeAgainstGrant() {
            permits.tryTake();
            first = new Counting(permits.arrive());
            second = new Counting(permits.arrive());
            permits.takeOrEnqueue(first);
        }

        @Actor
        public void operator() {
            permits.resize(2);
        }

        @Actor
        public void holder() {
            permits.giveBack();
        }

        @Actor
        public void newcomer() {
            if (permits.takeOrEnqueue(second)) {
                second.granted();
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
            result.r3 = first.grants + second.grants;
        }
    }
}
