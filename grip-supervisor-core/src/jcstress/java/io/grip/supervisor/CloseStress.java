package io.grip.supervisor;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.IZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * A close from everywhere at once. The clock stands still, so a close that waits for what will not end, or is not told of
 * an end, never returns: the run then fails by its time limit.
 */
public final class CloseStress {

    private CloseStress() {}

    private static final IllegalStateException FAILURE = new IllegalStateException("the first attempt");

    private static SupervisorPolicy retrying(Duration backoff) {
        return SupervisorPolicy.none()
                .withRetry(RetryPolicy.of(2)
                        .withBackoff(BackoffPolicy.fixed(backoff))
                        .withJitter(0));
    }

    private static Supervisor supervisor(Hooks hooks) {
        return Supervisor.builder("stress")
                .time(ManualTime.create())
                .executor(Runnable::run)
                .hooks(hooks)
                .build();
    }

    /** Two threads close while the last execution ends: both return after it. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, 0", expect = Expect.ACCEPTABLE, desc = "both returned after the end")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "the first returned too early")
    @Outcome(id = ".*, false, .*", expect = Expect.FORBIDDEN, desc = "the second returned too early")
    @Outcome(expect = Expect.FORBIDDEN, desc = "something is still in flight")
    public static class CloseAgainstClose {
        private final Supervisor supervisor = supervisor(Hooks.none());
        private final CompletableFuture<String> stage = new CompletableFuture<>();
        private final CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);

        @Actor
        public void one(ZZI_Result result) {
            supervisor.close();
            result.r1 = future.isDone();
        }

        @Actor
        public void other(ZZI_Result result) {
            supervisor.close();
            result.r2 = future.isDone();
        }

        @Actor
        public void completer() {
            stage.complete("done");
        }

        @Arbiter
        public void after(ZZI_Result result) {
            result.r3 = supervisor.inFlight();
        }
    }

    /** A task closes its own supervisor while another thread does: neither waits for the other for ever. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, true", expect = Expect.ACCEPTABLE, desc = "the task succeeded, or was never begun")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "a task that returned has failed")
    @Outcome(id = ".*, false, .*", expect = Expect.FORBIDDEN, desc = "the close from outside returned too early")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a new execution was taken after the close")
    public static class CloseInATaskAgainstClose {
        private final Supervisor supervisor = supervisor(Hooks.none());
        private volatile boolean begun;
        private volatile boolean ended;

        @Actor
        public void task(ZZZ_Result result) {
            boolean succeeded = supervisor
                    .run(context -> {
                        begun = true;
                        supervisor.close();
                        ended = true;
                        return "done";
                    })
                    .isSuccess();
            result.r1 = succeeded == begun;
        }

        @Actor
        public void closer(ZZZ_Result result) {
            supervisor.close();
            result.r2 = begun == ended;
        }

        @Arbiter
        public void after(ZZZ_Result result) {
            result.r3 = !supervisor.run(context -> "late").isSuccess();
        }
    }

    /** A hook closes its own supervisor while another thread does. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, true", expect = Expect.ACCEPTABLE, desc = "told, ended and closed")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "the hook did not come back from its close")
    @Outcome(id = ".*, false, .*", expect = Expect.FORBIDDEN, desc = "the close from outside returned before the hook")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a new execution was taken after the close")
    public static class CloseInAHookAgainstClose implements Hooks {
        private final Supervisor supervisor = supervisor(this);
        private volatile boolean begun;
        private volatile boolean ended;

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            begun = true;
            supervisor.close();
            ended = true;
        }

        @Actor
        public void task(ZZZ_Result result) {
            boolean succeeded = supervisor.run(context -> "done").isSuccess();
            result.r1 = succeeded == ended;
        }

        @Actor
        public void closer(ZZZ_Result result) {
            supervisor.close();
            result.r2 = begun == ended;
        }

        @Arbiter
        public void after(ZZZ_Result result) {
            result.r3 = !supervisor.run(context -> "late").isSuccess();
        }
    }

    /**
     * A plain call, which passes no fence on its way in or out, against a close: either the close waits for it, or it is
     * refused.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "the call was over, or was refused")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "the close returned while the call ran")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the task began after the close had returned")
    public static class CloseAgainstPlainCall {
        private final Supervisor supervisor = supervisor(Hooks.none());
        private volatile boolean begun;
        private volatile boolean ended;
        private volatile boolean closed;

        @Actor
        public void caller(ZZ_Result result) {
            boolean[] late = {false};
            try {
                supervisor.call(context -> {
                    late[0] = closed;
                    begun = true;
                    Thread.onSpinWait();
                    ended = true;
                    return "done";
                });
            } catch (Exception refused) {
                late[0] |= begun;
            }
            result.r2 = !late[0];
        }

        @Actor
        public void closer(ZZ_Result result) {
            supervisor.close();
            closed = true;
            result.r1 = begun == ended;
        }
    }

    /** A plain call that waits between two attempts on a clock which stands still: the close ends the wait. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, true", expect = Expect.ACCEPTABLE, desc = "refused")
    @Outcome(id = "1, 1, true", expect = Expect.ACCEPTABLE, desc = "ended in its wait, or instead of it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "an attempt after the close, or something else than the end of a wait")
    public static class CloseAgainstAWait {
        private final Supervisor supervisor = Supervisor.builder("stress")
                .policy(retrying(Duration.ofDays(1)))
                .time(ManualTime.create())
                .build();
        private volatile int begun;

        @Actor
        public void caller(IIZ_Result result) {
            try {
                supervisor.call(context -> {
                    begun++;
                    throw FAILURE;
                });
            } catch (Exception failure) {
                result.r3 = failure instanceof SupervisorShutdownException;
            }
        }

        @Actor
        public void closer(IIZ_Result result) {
            supervisor.close();
            result.r1 = begun;
        }

        @Arbiter
        public void after(IIZ_Result result) {
            result.r2 = begun;
        }
    }

    /** The end of a wait, and the attempt after it, against a close that interrupts at once: no interrupt stays behind. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0, false", expect = Expect.ACCEPTABLE, desc = "refused")
    @Outcome(id = "1, 0, false", expect = Expect.ACCEPTABLE, desc = "ended by the close in its wait")
    @Outcome(id = "2, 2, false", expect = Expect.ACCEPTABLE, desc = "the second attempt came first, interrupted or not")
    @Outcome(id = ".*, true", expect = Expect.FORBIDDEN, desc = "our interrupt has leaked")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the close has ended what it did not find, or not what it found")
    public static class CloseAgainstTheEndOfAWait {
        private final Supervisor supervisor = Supervisor.builder("stress")
                .policy(retrying(Duration.ofNanos(1)))
                .time(ManualTime.selfAdvancing())
                .shutdownGrace(Duration.ZERO)
                .build();
        private volatile boolean closed;

        @Actor
        public void caller(IIZ_Result result) {
            int[] begun = {0};
            try {
                result.r2 = supervisor.call(context -> {
                    if (++begun[0] == 1) {
                        throw FAILURE;
                    }
                    return 2;
                });
            } catch (SupervisorShutdownException ended) {
                result.r2 = 0;
            } catch (Exception other) {
                result.r2 = -1;
            }
            result.r1 = begun[0];
            while (!closed) {
                Thread.onSpinWait();
            }
            result.r3 = Thread.interrupted();
        }

        @Actor
        public void closer() {
            supervisor.close();
            closed = true;
        }
    }

    /** Many plain calls one after another against one who waits until nothing runs: it is told of the last one's end. */
    @JCStressTest
    @State
    @Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "was told")
    @Outcome(expect = Expect.FORBIDDEN, desc = "has waited to the end of time")
    public static class AwaitIdleAgainstPlainCalls {
        private static final int CALLS = 5;

        private final Supervisor supervisor = supervisor(Hooks.none());

        @Actor
        public void caller() {
            for (int call = 0; call < CALLS; call++) {
                try {
                    supervisor.call(context -> "done");
                } catch (Exception refused) {
                    throw new IllegalStateException(refused);
                }
            }
        }

        @Actor
        public void waiter(Z_Result result) {
            try {
                result.r1 = supervisor.awaitIdle(Duration.ofDays(1));
            } catch (InterruptedException byNobody) {
                throw new IllegalStateException(byNobody);
            }
        }
    }

    /** Two attempts and the wait between them against one who looks whether anything runs: from the first on, something does. */
    @JCStressTest
    @State
    @Outcome(id = "0, .*", expect = Expect.ACCEPTABLE, desc = "not begun yet")
    @Outcome(id = "1, false, .*", expect = Expect.ACCEPTABLE, desc = "seen")
    @Outcome(id = "1, true, 2", expect = Expect.ACCEPTABLE, desc = "over")
    @Outcome(expect = Expect.FORBIDDEN, desc = "not seen between two of its frames")
    public static class AwaitIdleAgainstAWait {
        private final Supervisor supervisor = Supervisor.builder("stress")
                .policy(retrying(Duration.ofNanos(1)))
                .time(ManualTime.selfAdvancing())
                .build();
        private volatile int attempts;

        @Actor
        public void caller() {
            try {
                supervisor.call(context -> {
                    if (++attempts == 1) {
                        throw FAILURE;
                    }
                    return "done";
                });
            } catch (Exception ended) {
                throw new IllegalStateException(ended);
            }
        }

        @Actor
        public void waiter(IZI_Result result) {
            result.r1 = Math.min(1, attempts);
            try {
                result.r2 = supervisor.awaitIdle(Duration.ZERO);
            } catch (InterruptedException byNobody) {
                throw new IllegalStateException(byNobody);
            }
            result.r3 = attempts;
        }
    }
}
