package io.grip.supervisor;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.policy.SupervisorPolicy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A cancel, which interrupts as a limit does, against whole executions. Those begin and end on the actor's thread, which
 * is the supervised one; one supervisor serves all, since a cancel looks at all there are.
 */
public final class InterruptStress {

    private static final Supervisor SUPERVISOR =
            Supervisor.builder("stress").policy(SupervisorPolicy.none()).build();

    private InterruptStress() {}

    private static class Fixture {
        volatile ExecutionContext context;
        private volatile boolean cancelled;

        /** Does not wait for the context: a cancel may come too early, in time, or too late. */
        void cancel() {
            ExecutionContext seen = context;
            if (seen != null) {
                seen.cancel();
            }
            cancelled = true;
        }

        /** Some work, which takes no notice of an interrupt. */
        static void work() {
            for (int spin = 0; spin < 20; spin++) {
                Thread.onSpinWait();
            }
        }

        /** The flag once nothing more can come; clears it for the next one. */
        boolean flagAtLast() {
            while (!cancelled) {
                Thread.onSpinWait();
            }
            return Thread.interrupted();
        }
    }

    /** A cancel of one execution against the next one that begins at once on its thread. */
    @JCStressTest
    @State
    @Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "the value counts, the flag is as it was")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "finished work was reported as lost")
    @Outcome(id = ".*, true, .*", expect = Expect.FORBIDDEN, desc = "reached the next execution")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the execution")
    public static class CancelAgainstNextExecution extends Fixture {

        @Actor
        public void caller(ZZZ_Result result) {
            result.r1 = SUPERVISOR
                    .run(given -> {
                        given.attempt();
                        context = given;
                        work();
                        return "done";
                    })
                    .isSuccess();
            Result<Boolean> next = SUPERVISOR.run(given -> {
                work();
                return given.isCancelled() || Thread.currentThread().isInterrupted();
            });
            result.r2 = !next.isSuccess() || next.value();
            result.r3 = flagAtLast();
        }

        @Actor
        public void canceller() {
            cancel();
        }
    }

    /** A cancel of an outer execution while inner ones begin and end: only the outer one is interrupted, and clears it. */
    @JCStressTest
    @State
    @Outcome(id = "true, false, false, false", expect = Expect.ACCEPTABLE, desc = "came too late")
    @Outcome(id = "true, true, false, false", expect = Expect.ACCEPTABLE, desc = "landed while the outer one ran")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "an inner one failed with another kind")
    @Outcome(id = ".*, .*, true, .*", expect = Expect.FORBIDDEN, desc = "reached the next execution")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the outer execution")
    public static class CancelAgainstNestedExecutions extends Fixture {

        @Actor
        public void caller(ZZZZ_Result result) {
            boolean[] landed = {false};
            SUPERVISOR.run(given -> {
                given.attempt();
                context = given;
                Result<Object> first = SUPERVISOR.run(inner -> throwIfInterrupted());
                Result<Object> second = SUPERVISOR.run(inner -> throwIfInterrupted());
                result.r1 = isInOrder(first) && isInOrder(second);
                landed[0] = Thread.currentThread().isInterrupted();
                return "done";
            });
            result.r2 = landed[0];
            result.r3 = SUPERVISOR
                    .run(given -> Thread.currentThread().isInterrupted())
                    .value();
            result.r4 = flagAtLast();
        }

        private static Object throwIfInterrupted() throws InterruptedException {
            work();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return "done";
        }

        /** An inner one ends by its own doing, or cancelled by the outer one's end. */
        private static boolean isInOrder(Result<?> result) {
            return result.isSuccess() || result.failure() == FailureKind.CONTEXT_CANCELLED;
        }

        @Actor
        public void canceller() {
            cancel();
        }
    }

    /** A cancel of an inner execution: the outer one, and what comes after both, never hear of it. */
    @JCStressTest
    @State
    @Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "ended the inner one, or came too late")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "the outer execution was ended too")
    @Outcome(id = ".*, true, .*", expect = Expect.FORBIDDEN, desc = "reached the outer execution")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of both")
    public static class CancelOfAnInnerExecution extends Fixture {

        @Actor
        public void caller(ZZZ_Result result) {
            Result<Boolean> outer = SUPERVISOR.run(given -> {
                SUPERVISOR.run(inner -> {
                    inner.attempt();
                    context = inner;
                    work();
                    return "done";
                });
                work();
                return given.isCancelled() || Thread.currentThread().isInterrupted();
            });
            result.r1 = outer.isSuccess();
            result.r2 = !outer.isSuccess() || outer.value();
            result.r3 = flagAtLast();
        }

        @Actor
        public void canceller() {
            cancel();
        }
    }

    /**
     * A cancel of a plain call whose task has never asked its context, so that its frame is entered lightly. A context that
     * nobody has asked may come to stand for the next call of its thread, so only the end of all calls is looked at.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the values count, the flag is as it was")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "finished work was reported as lost")
    @Outcome(expect = Expect.FORBIDDEN, desc = "leaked out of the calls")
    public static class CancelAgainstPlainCalls extends Fixture {

        @Actor
        public void caller(ZZ_Result result) {
            boolean done = true;
            for (int calls = 0; calls < 3; calls++) {
                done &= call();
            }
            result.r1 = done;
            result.r2 = flagAtLast();
        }

        private boolean call() {
            try {
                return SUPERVISOR.call(given -> {
                    context = given;
                    work();
                    return true;
                });
            } catch (Exception failed) {
                return false;
            }
        }

        @Actor
        public void canceller() {
            cancel();
        }
    }
}
