package io.grip.supervisor.thread;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A thread that goes from frame to frame: whoever looks for one finds one, until the last is left. */
public final class RestStress {

    private RestStress() {}

    /** A slot that is inside its base. */
    abstract static class Resting {
        final ThreadSlot slot = new ThreadSlot(Thread.currentThread(), false, 0);
        final StressFrame base = new StressFrame();
        final StressFrame standing = new StressFrame();

        Resting() {
            standing.standForGood();
            slot.putBase(base);
            slot.enterBaseLightly(base);
        }

        final boolean isFound() {
            return slot.hasFrame(Frame::isRunning);
        }
    }

    /** It rests twice, and is in a frame between. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "found each time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "not found between two frames")
    public static class RestsTwice extends Resting {
        private final StressFrame following = new StressFrame();

        @Actor
        public void owner() {
            slot.rest(base, standing);
            slot.goOnLightly(following);
            slot.rest(following, standing);
        }

        @Actor
        public void other(ZZ_Result result) {
            result.r1 = isFound();
            result.r2 = isFound();
        }
    }

    /** As before, many times, in frames entered in the ordinary way. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "found each time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "not found between two frames")
    public static class RestsAgainAndAgain extends Resting {

        @Actor
        public void owner() {
            slot.rest(base, standing);
            for (int time = 0; time < 10; time++) {
                StressFrame following = new StressFrame();
                slot.goOn(following);
                slot.rest(following, standing);
            }
        }

        @Actor
        public void other(ZZ_Result result) {
            result.r1 = isFound();
            result.r2 = isFound();
        }
    }

    /** It rests, and goes on in another frame for good. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "found each time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "not found between two frames")
    public static class IsReplaced extends Resting {
        private final StressFrame following = new StressFrame();
        private final StressFrame last = new StressFrame();

        @Actor
        public void owner() {
            slot.rest(base, standing);
            slot.goOnLightly(following);
            slot.replace(following, last);
        }

        @Actor
        public void other(ZZ_Result result) {
            result.r1 = isFound();
            result.r2 = isFound();
        }
    }
}
