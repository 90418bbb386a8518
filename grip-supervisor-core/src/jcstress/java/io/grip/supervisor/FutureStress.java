package io.grip.supervisor;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** A returned future against everything that may end it: done, one final hook, no permit out. */
public final class FutureStress {

    private FutureStress() {}

    private static final class Ends implements Hooks {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            count.incrementAndGet();
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            count.incrementAndGet();
        }
    }

    /** One execution whose stage the test completes. */
    private static class Fixture {
        final ManualTime time = ManualTime.create();
        final Ends ends = new Ends();
        final CompletableFuture<String> stage = new CompletableFuture<>();
        final Supervisor supervisor = Supervisor.builder("stress")
                .time(time)
                .hooks(ends)
                .executor(Runnable::run)
                .shutdownGrace(Duration.ZERO)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(2)
                                .withBackoff(Duration.ofSeconds(1))
                                .withJitter(0))
                        .withAdmission(AdmissionPolicy.of(1)))
                .build();

        void report(CompletableFuture<?> future, ZII_Result result) {
            result.r1 = future.isDone();
            result.r2 = ends.count.get();
            result.r3 = supervisor.inFlight();
        }
    }

    /** The stage completes while the future is cancelled. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, nothing out")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, told twice, or a permit is out")
    public static class CompletionAgainstCancel extends Fixture {
        private final CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);

        @Actor
        public void completer() {
            stage.complete("done");
        }

        @Actor
        public void canceller() {
            future.cancel(true);
        }

        @Arbiter
        public void after(ZII_Result result) {
            report(future, result);
        }
    }

    /** The retry's timer fires while the supervisor closes. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, nothing out")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, told twice, or a permit is out")
    public static class RetryAgainstDrain extends Fixture {
        private final CompletableFuture<Result<String>> future;

        public RetryAgainstDrain() {
            AtomicInteger attempts = new AtomicInteger();
            future = supervisor.runAsync(context -> attempts.incrementAndGet() == 1
                    ? CompletableFuture.failedFuture(new IllegalStateException("first"))
                    : CompletableFuture.completedFuture("second"));
        }

        @Actor
        public void timer() {
            time.advance(Duration.ofSeconds(1));
        }

        @Actor
        public void closer() {
            supervisor.drain();
        }

        @Arbiter
        public void after(ZII_Result result) {
            report(future, result);
        }
    }

    /** A waiting execution is granted its permit while it is cancelled. */
    @JCStressTest
    @State
    @Outcome(id = "true, 2, 0", expect = Expect.ACCEPTABLE, desc = "both done, each told once, nothing out")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, told twice, or a permit is out")
    public static class GrantAgainstCancel extends Fixture {
        private final Supervisor patient = Supervisor.builder("patient")
                .time(time)
                .hooks(ends)
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofSeconds(1))))
                .build();
        private final CompletableFuture<Result<String>> first = patient.runAsync(context -> stage);
        private final CompletableFuture<Result<String>> second =
                patient.runAsync(context -> CompletableFuture.completedFuture("second"));

        @Actor
        public void completer() {
            stage.complete("first");
        }

        @Actor
        public void canceller() {
            second.cancel(true);
        }

        @Arbiter
        public void after(ZII_Result result) {
            result.r1 = first.isDone() && second.isDone();
            result.r2 = ends.count.get();
            result.r3 = patient.inFlight() + patient.waiting();
        }
    }
}
