package io.grip.supervisor;

import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Changes of a policy against each other and against calls: one of them is in force as a whole, and no permit is lost. */
public final class UpdateStress {

    private UpdateStress() {}

    private static SupervisorPolicy limit(int limit) {
        return SupervisorPolicy.none().withAdmission(AdmissionPolicy.of(limit).withMaxWait(Duration.ofMinutes(1)));
    }

    /** How many may be inside one another at once, up to three, going by what the supervisor does. */
    private static int room(Supervisor supervisor) {
        supervisor.drain(); // one attempt, without waiting
        int[] inside = {0};
        supervisor.run(one -> {
            inside[0]++;
            supervisor.run(two -> {
                inside[0]++;
                return supervisor.run(three -> ++inside[0]);
            });
            return "over";
        });
        return inside[0];
    }

    /** Two at once: the limit and the policy are the same one's. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, true", expect = Expect.ACCEPTABLE, desc = "the first one's, as a whole")
    @Outcome(id = "2, 2, true", expect = Expect.ACCEPTABLE, desc = "the second one's, as a whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the limit of one with the policy of the other, or a permit lost")
    public static class UpdateAgainstUpdate {
        private final Supervisor supervisor =
                Supervisor.builder("stressed").policy(limit(3)).build();

        @Actor
        public void one() {
            supervisor.update(limit(1));
        }

        @Actor
        public void other() {
            supervisor.update(limit(2));
        }

        @Arbiter
        public void after(IIZ_Result result) {
            result.r1 = supervisor.policy().admission().maxConcurrency().orElse(0);
            result.r2 = room(supervisor);
            result.r3 = supervisor.inFlight() == 0 && supervisor.waiting() == 0;
        }
    }

    /** A limit that goes away and comes back, against a call that takes a permit of it, or none. */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "the call went well, and the one permit is there")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the call was refused, or a permit was lost or doubled")
    public static class LimitAgainstCall {
        private final Supervisor supervisor =
                Supervisor.builder("stressed").policy(limit(1)).build();
        private boolean well;

        @Actor
        public void operator() {
            supervisor.update(SupervisorPolicy.none());
            supervisor.update(limit(1));
        }

        @Actor
        public void caller() {
            well = supervisor.run(context -> "done").isSuccess();
        }

        @Arbiter
        public void after(ZZ_Result result) {
            result.r1 = well;
            result.r2 = room(supervisor) == 1;
        }
    }
}
