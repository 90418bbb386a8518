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

    /** The limit is lowered while both holders go and one waits: the one that waits is served, and no other could be. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "the waiter has the one permit there is")
    @Outcome(id = "2, .*", expect = Expect.FORBIDDEN, desc = "doubled: two are out")
    @Outcome(id = ".*, 1, .*", expect = Expect.FORBIDDEN, desc = "forgotten: it waits, and a permit is free")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost")
    public static class LoweringAgainstReleases {
        private final Permits permits = new Permits(2);
        private final Counting waiter;

        public LoweringAgainstReleases() {
            permits.tryTake();
            permits.tryTake();
            waiter = new Counting(permits.arrive());
            permits.takeOrEnqueue(waiter);
        }

        @Actor
        public void operator() {
            permits.resize(1);
        }

        @Actor
        public void oneHolder() {
            permits.giveBack();
        }

        @Actor
        public void otherHolder() {
            permits.giveBack();
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
            result.r3 = waiter.grants;
        }
    }

    /** The limit is raised while the waiter's patience ends: it leaves with a permit, which it returns, or without. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the holder's permit is out, nobody waits")
    @Outcome(id = "2, .*", expect = Expect.FORBIDDEN, desc = "lost: granted to one who had left")
    @Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "doubled: given back without a grant")
    @Outcome(expect = Expect.FORBIDDEN, desc = "one who has left waits for ever")
    public static class RaisingAgainstTimeout {
        private final Permits permits = new Permits(1);
        private final Counting waiter;

        public RaisingAgainstTimeout() {
            permits.tryTake();
            waiter = new Counting(permits.arrive());
            permits.takeOrEnqueue(waiter);
        }

        @Actor
        public void operator() {
            permits.resize(2);
        }

        @Actor
        public void impatient() {
            if (!permits.withdraw(waiter)) {
                permits.giveBack();
            }
        }

        @Arbiter
        public void after(II_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
        }
    }

    /** The limit is lowered while somebody takes a permit: who has one keeps it, and it comes back. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "all are back")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit was lost or doubled")
    public static class LoweringAgainstTakers {
        private final Permits permits = new Permits(2);

        @Actor
        public void operator() {
            permits.resize(1);
        }

        @Actor
        public void oneTaker() {
            if (permits.tryTake()) {
                permits.giveBack();
            }
        }

        @Actor
        public void otherTaker() {
            if (permits.tryTake()) {
                permits.giveBack();
            }
        }

        @Arbiter
        public void after(II_Result result) {
            result.r1 = permits.inUse();
            result.r2 = permits.waiting();
        }
    }

    /** The first in the queue, which came to it last, leaves as a permit comes free: the next one has it. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, true", expect = Expect.ACCEPTABLE, desc = "the first left without, the second was served")
    @Outcome(id = "1, 0, true", expect = Expect.ACCEPTABLE, desc = "the first was served and gave back to the second")
    @Outcome(id = ".*, .*, false", expect = Expect.FORBIDDEN, desc = "lost: nobody has the permit")
    @Outcome(expect = Expect.FORBIDDEN, desc = "somebody waits beside a free permit, or was granted twice")
    public static class FirstLeavesAgainstGrant {
        private final Permits permits = new Permits(1);
        private final Counting first;
        private final Counting second;

        public FirstLeavesAgainstGrant() {
            permits.tryTake();
            first = new Counting(permits.arrive());
            second = new Counting(permits.arrive());
            permits.takeOrEnqueue(second);
            permits.takeOrEnqueue(first);
        }

        @Actor
        public void impatient() {
            if (!permits.withdraw(first)) {
                permits.giveBack();
            }
        }

        @Actor
        public void holder() {
            permits.giveBack();
        }

        @Arbiter
        public void after(IIZ_Result result) {
            result.r1 = first.grants;
            result.r2 = permits.waiting();
            result.r3 = second.grants == 1 && permits.inUse() == 1;
        }
    }

    /** Two waiters, the earlier one come to the queue last, and one permit: it goes in the order of arrival. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "the earlier one has it")
    @Outcome(id = "0, 1, 1", expect = Expect.FORBIDDEN, desc = "the later one has overtaken it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
    public static class OrderOfArrivalAgainstPassersBy {
        private final Permits permits = new Permits(1);
        private final Counting earlier;
        private final Counting later;

        public OrderOfArrivalAgainstPassersBy() {
            permits.tryTake();
            earlier = new Counting(permits.arrive());
            later = new Counting(permits.arrive());
            permits.takeOrEnqueue(later);
            permits.takeOrEnqueue(earlier);
        }

        @Actor
        public void holder() {
            permits.giveBack();
        }

        @Actor
        public void passerBy() {
            if (permits.tryTake() || permits.tryArriveAndTake() != Permits.NOT_TAKEN) {
                throw new IllegalStateException("overtaken by one who did not wait");
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = earlier.grants;
            result.r2 = later.grants;
            result.r3 = permits.inUse();
        }
    }
}
