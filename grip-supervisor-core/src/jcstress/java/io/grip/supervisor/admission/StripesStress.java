package io.grip.supervisor.admission;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Eight permits and two stripes, which hold one each, and those who look into them at the same moment. */
public final class StripesStress {

    private static final int LIMIT = 8;

    private StripesStress() {}

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

    /** With one in each of the stripes that are given, and all others out but for those that are free. */
    private static Permits permits(int free, int... lying) {
        Permits permits = new Permits(LIMIT, new Stripes(2));
        for (int ignored : lying) {
            permits.tryTake();
        }
        for (int hint : lying) {
            permits.giveBackNear(hint);
        }
        for (int number = 0; number < LIMIT - free - lying.length; number++) {
            permits.tryTake();
        }
        return permits;
    }

    /** With one more than a half out, and closed, since somebody was refused when all were. */
    private static Permits closed() {
        Permits permits = permits(0);
        permits.tryTake();
        permits.giveBack();
        permits.giveBack();
        permits.giveBack();
        return permits;
    }

    private static int takeNear(Permits permits, int hint) {
        return permits.tryArriveAndTakeNear(hint) == Permits.NOT_TAKEN ? 0 : 1;
    }

    private static int takeAll(Permits permits) {
        int taken = 0;
        while (permits.tryTake()) {
            taken++;
        }
        return taken;
    }

    /** A permit comes to one stripe before one is taken from the other: there is one to be had at any moment. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 8", expect = Expect.ACCEPTABLE, desc = "each has one")
    @Outcome(id = "0, .*, .*|.*, 0, .*", expect = Expect.FORBIDDEN, desc = "refused though one was free all the time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
    public static class MoveAgainstRefusal {
        private final Permits permits = permits(0, 1);

        @Actor
        public void mover(III_Result result) {
            permits.giveBackNear(0);
            result.r1 = takeNear(permits, 1);
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = permits.tryTake() ? 1 : 0;
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = permits.inUse();
        }
    }

    /** Two permits lie by and three are wanted. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 8|0, 2, 8", expect = Expect.ACCEPTABLE, desc = "two were had")
    @Outcome(id = "1, 2, .*", expect = Expect.FORBIDDEN, desc = "more than the limit")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused beside a free one, or lost")
    public static class TakersAgainstExhaustion {
        private final Permits permits = permits(0, 0, 1);

        @Actor
        public void one(III_Result result) {
            result.r1 = takeNear(permits, 0);
        }

        @Actor
        public void two(III_Result result) {
            result.r2 = takeNear(permits, 1) + takeNear(permits, 1);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = permits.inUse();
        }
    }

    /** One is given to a stripe as another is refused, and both may be too late for each other; it is there afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 8, 0", expect = Expect.ACCEPTABLE, desc = "it was there in time")
    @Outcome(id = "0, 7, 1", expect = Expect.ACCEPTABLE, desc = "it was too late, and is there")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
    public static class GivingAgainstRefusal {
        private final Permits permits = permits(0);

        @Actor
        public void holder() {
            permits.giveBackNear(0);
        }

        @Actor
        public void taker(III_Result result) {
            result.r1 = takeNear(permits, 1);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r2 = permits.inUse();
            result.r3 = takeAll(permits);
        }
    }

    /** One comes to wait as permits are given to both stripes: it is woken, and once. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 7", expect = Expect.ACCEPTABLE, desc = "it was served")
    @Outcome(id = "0, 1, .*", expect = Expect.FORBIDDEN, desc = "it waits beside a free permit")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
    public static class GivingAgainstArrival {
        private final Permits permits = permits(0);
        private final Counting waiter = new Counting(permits.arrive());

        @Actor
        public void holder() {
            permits.giveBackNear(0);
            permits.giveBackNear(1);
        }

        @Actor
        public void newcomer() {
            if (permits.takeOrEnqueue(waiter)) {
                waiter.granted();
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = waiter.grants;
            result.r2 = permits.waiting();
            result.r3 = permits.inUse();
        }
    }

    /** One waits and a permit comes back to a stripe: whoever passes by there does not get it. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 8", expect = Expect.ACCEPTABLE, desc = "the waiter has it")
    @Outcome(id = ".*, 1, .*", expect = Expect.FORBIDDEN, desc = "overtaken")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or not woken")
    public static class PassingByAgainstGrant {
        private final Permits permits = permits(0);
        private final Counting waiter = new Counting(permits.arrive());

        public PassingByAgainstGrant() {
            permits.takeOrEnqueue(waiter);
        }

        @Actor
        public void holder() {
            permits.giveBackNear(0);
        }

        @Actor
        public void passerBy(III_Result result) {
            result.r2 = takeNear(permits, 0);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = waiter.grants;
            result.r3 = permits.inUse();
        }
    }

    /** One comes to wait, one passes by where a permit lies, and one comes back: it is served whoever was quicker. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 8|1, 0, 7", expect = Expect.ACCEPTABLE, desc = "the one that came to wait was served")
    @Outcome(id = "0, .*, .*", expect = Expect.FORBIDDEN, desc = "it waits beside a free permit, or was overtaken")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
    public static class ArrivalAgainstPassingBy {
        private final Permits permits = permits(0, 0);
        private final Counting waiter = new Counting(permits.arrive());

        @Actor
        public void newcomer() {
            if (permits.takeOrEnqueue(waiter)) {
                waiter.granted();
            }
        }

        @Actor
        public void passerBy(III_Result result) {
            result.r2 = takeNear(permits, 0);
            permits.giveBackNear(1);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = waiter.grants;
            result.r3 = permits.inUse();
        }
    }

    /** One takes what lies in a stripe, and one is refused for that and has to wait: the first one arrived first. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "admitted first, served first")
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "the other one was quicker")
    @Outcome(expect = Expect.FORBIDDEN, desc = "admitted first, and overtaken, or both refused")
    public static class NumberFromAStripeAgainstRefusal {
        private final Permits permits = permits(0, 0);
        private long near;
        private boolean refused;
        private long arrival;

        @Actor
        public void near() {
            near = permits.tryArriveAndTakeNear(0);
        }

        @Actor
        public void other() {
            refused = !permits.tryTake();
            arrival = permits.arrive();
        }

        @Arbiter
        public void after(I_Result result) {
            Counting waiting = new Counting(arrival);
            Counting retrying = new Counting(near);
            permits.takeOrEnqueue(waiting);
            permits.takeOrEnqueue(retrying);
            permits.giveBack();
            if (near == Permits.NOT_TAKEN) {
                result.r1 = refused ? 3 : 0;
            } else {
                result.r1 = refused && retrying.grants == 1 ? 1 : 2;
            }
        }
    }

    /** The limit is lowered as permits come and go at a stripe: afterwards there are as many as it says. */
    @JCStressTest
    @State
    @Outcome(id = "5, 0", expect = Expect.ACCEPTABLE, desc = "five are out, and there are four")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or taken beyond the new limit")
    public static class LoweringAgainstGiving {
        private final Permits permits = permits(1, 0);

        @Actor
        public void operator() {
            permits.resize(4);
        }

        @Actor
        public void user() {
            if (permits.tryArriveAndTakeNear(0) != Permits.NOT_TAKEN) {
                permits.giveBackNear(0);
            }
            permits.giveBackNear(0);
        }

        @Arbiter
        public void after(II_Result result) {
            // Before the look at how many are out, which would close stripes that were forgotten.
            result.r2 = takeNear(permits, 0) + takeAll(permits);
            result.r1 = permits.inUse();
        }
    }

    /** The limit is raised as one permit comes back and is wanted again: it is there under the old one and the new. */
    @JCStressTest
    @State
    @Outcome(id = "1, 8, 8", expect = Expect.ACCEPTABLE, desc = "there are as many as the limit says")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused, lost or doubled")
    public static class RaisingAgainstMove {
        private final Permits permits = permits(0);

        @Actor
        public void operator() {
            permits.resize(LIMIT * 2);
        }

        @Actor
        public void mover(III_Result result) {
            permits.giveBackNear(0);
            result.r1 = takeNear(permits, 1);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r2 = permits.inUse();
            result.r3 = takeAll(permits);
        }
    }

    /** The stripes are opened as all there is is taken. */
    @JCStressTest
    @State
    @Outcome(id = "2, 3, 8", expect = Expect.ACCEPTABLE, desc = "there were enough all the time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused beside a free one, lost or doubled")
    public static class OpeningAgainstExhaustion {
        private final Permits permits = closed();

        @Actor
        public void holder(III_Result result) {
            permits.giveBackNear(0);
            permits.giveBackNear(0);
            result.r1 = (permits.tryTake() ? 1 : 0) + (permits.tryTake() ? 1 : 0);
        }

        @Actor
        public void taker(III_Result result) {
            int taken = 0;
            for (int number = 0; number < 3; number++) {
                taken += takeNear(permits, 1);
            }
            result.r2 = taken;
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = permits.inUse();
        }
    }

    /** The stripes are opened as one comes to wait: it is served by whichever permit comes back. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 8", expect = Expect.ACCEPTABLE, desc = "it was served")
    @Outcome(id = "0, 1, 8", expect = Expect.ACCEPTABLE, desc = "it had taken all before, and waits")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or it waits beside a free permit")
    public static class OpeningAgainstArrival {
        private final Permits permits = closed();
        private final Counting waiter = new Counting(permits.arrive());

        @Actor
        public void holder() {
            permits.giveBackNear(0);
            permits.giveBackNear(0);
        }

        @Actor
        public void newcomer() {
            takeAll(permits);
            if (permits.takeOrEnqueue(waiter)) {
                waiter.granted();
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = waiter.grants;
            takeAll(permits);
            result.r2 = permits.waiting();
            result.r3 = permits.inUse();
        }
    }
}
