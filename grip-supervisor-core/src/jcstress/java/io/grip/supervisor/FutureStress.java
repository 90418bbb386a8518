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
import java.util.function.BiConsumer;
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

        /** One whose executions wait for a permit, the first of them runs until its stage completes. */
        final Supervisor patient() {
            return Supervisor.builder("patient")
                    .time(time)
                    .hooks(ends)
                    .executor(Runnable::run)
                    .policy(SupervisorPolicy.defaults()
                            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofSeconds(1))))
                    .build();
        }

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
        private final Supervisor patient = patient();
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

    /** A waiting execution is granted its permit while the supervisor closes: it is made, or ended by the shutdown. */
    @JCStressTest
    @State
    @Outcome(id = "true, 2, 0", expect = Expect.ACCEPTABLE, desc = "both done, each told once, nothing out")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: a future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a permit is out")
    public static class GrantAgainstClose extends Fixture {
        private final Supervisor patient = patient();
        private final CompletableFuture<Result<String>> first = patient.runAsync(context -> stage);
        private final CompletableFuture<Result<String>> second =
                patient.runAsync(context -> CompletableFuture.completedFuture("second"));

        @Actor
        public void completer() {
            stage.complete("first");
        }

        @Actor
        public void closer() {
            patient.close();
        }

        @Arbiter
        public void after(ZII_Result result) {
            result.r1 = first.isDone() && second.isDone();
            result.r2 = ends.count.get();
            result.r3 = patient.inFlight() + patient.waiting();
        }
    }

    /** The limit is raised while the permit comes free and the one that waits is cancelled. */
    @JCStressTest
    @State
    @Outcome(id = "true, 2, 0", expect = Expect.ACCEPTABLE, desc = "both done, each told once, nothing out")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: a future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a permit is out")
    public static class UpdateAgainstGrantAndCancel extends Fixture {
        private final Supervisor patient = patient();
        private final CompletableFuture<Result<String>> first = patient.runAsync(context -> stage);
        private final CompletableFuture<Result<String>> second =
                patient.runAsync(context -> CompletableFuture.completedFuture("second"));

        @Actor
        public void operator() {
            patient.update(patient.policy().withAdmission(AdmissionPolicy.of(2).withMaxWait(Duration.ofSeconds(1))));
        }

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

    /** The limit is raised while the patience of the one that waits ends. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 1", expect = Expect.ACCEPTABLE, desc = "served or rejected; only the first still runs")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: the future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or still waiting")
    public static class UpdateAgainstTimeout extends Fixture {
        private final Supervisor patient = patient();
        private final CompletableFuture<Result<String>> first = patient.runAsync(context -> stage);
        private final CompletableFuture<Result<String>> second =
                patient.runAsync(context -> CompletableFuture.completedFuture("second"));

        @Actor
        public void operator() {
            patient.update(patient.policy().withAdmission(AdmissionPolicy.of(2).withMaxWait(Duration.ofSeconds(1))));
        }

        @Actor
        public void timer() {
            time.advance(Duration.ofSeconds(1));
        }

        @Arbiter
        public void after(ZII_Result result) {
            result.r1 = second.isDone() && !first.isDone();
            result.r2 = ends.count.get();
            result.r3 = patient.inFlight() + patient.waiting();
        }
    }

    /** The retry's timer fires while the supervisor is closed for good. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, nothing out")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: the future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a permit is out")
    public static class RetryAgainstClose extends Fixture {
        private final CompletableFuture<Result<String>> future;

        public RetryAgainstClose() {
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
            supervisor.close();
        }

        @Arbiter
        public void after(ZII_Result result) {
            report(future, result);
        }
    }

    /** Executions that pause twice, all of whose attempts but the last fail. */
    private static class Pausing extends Fixture {
        final AtomicInteger attempts = new AtomicInteger();
        final Supervisor pausing = Supervisor.builder("pausing")
                .time(time)
                .hooks(ends)
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(3)
                                .withBackoff(Duration.ofSeconds(1))
                                .withJitter(0)))
                .build();

        final CompletableFuture<String> nextStage() {
            return switch (attempts.incrementAndGet()) {
                case 1 -> stage;
                case 2 -> CompletableFuture.failedFuture(new IllegalStateException("second"));
                default -> CompletableFuture.completedFuture("third");
            };
        }

        final void reportTimers(CompletableFuture<?> future, ZII_Result result) {
            result.r1 = future.isDone();
            result.r2 = ends.count.get();
            result.r3 = time.pendingTimers();
        }
    }

    /** A pause begins while its time already passes, and the next pause after it begins. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, no timer left")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: a pause has lost its timer")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a timer is left")
    public static class PauseAgainstItsTimer extends Pausing {
        private final CompletableFuture<Result<String>> future = pausing.runAsync(context -> nextStage());

        @Actor
        public void failure() {
            stage.completeExceptionally(new IllegalStateException("first"));
        }

        @Actor
        public void timer() {
            time.advance(Duration.ofSeconds(1));
            time.advance(Duration.ofSeconds(1));
        }

        @Arbiter
        public void after(ZII_Result result) {
            time.advance(Duration.ofSeconds(2));
            reportTimers(future, result);
        }
    }

    /** Two pauses come to their end, one after the other, while the future is cancelled. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, no timer left")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: the future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a timer is left")
    public static class PausesAgainstCancel extends Pausing {
        private final CompletableFuture<Result<String>> future;

        public PausesAgainstCancel() {
            stage.completeExceptionally(new IllegalStateException("first"));
            future = pausing.runAsync(context -> nextStage());
        }

        @Actor
        public void timer() {
            time.advance(Duration.ofSeconds(1));
            time.advance(Duration.ofSeconds(1));
        }

        @Actor
        public void canceller() {
            future.cancel(true);
        }

        @Arbiter
        public void after(ZII_Result result) {
            reportTimers(future, result);
        }
    }

    /** The second attempt throws instead of returning a stage, while the future is cancelled. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "done, told once, nothing out")
    @Outcome(id = "false, .*", expect = Expect.FORBIDDEN, desc = "lost: the future is not done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or a permit is out")
    public static class ThrowingRetryAgainstCancel extends Fixture {
        private final CompletableFuture<Result<String>> future;

        public ThrowingRetryAgainstCancel() {
            AtomicInteger attempts = new AtomicInteger();
            future = supervisor.runAsync(context -> {
                if (attempts.incrementAndGet() == 1) {
                    return CompletableFuture.failedFuture(new IllegalStateException("first"));
                }
                throw new IllegalStateException("second");
            });
        }

        @Actor
        public void timer() {
            time.advance(Duration.ofSeconds(1));
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

    /** A stage that lets whoever holds it complete it as often as he likes. */
    private static final class Unruly extends CompletableFuture<String> {
        private volatile BiConsumer<? super String, ? super Throwable> action;

        @Override
        public CompletableFuture<String> whenComplete(BiConsumer<? super String, ? super Throwable> action) {
            this.action = action;
            return this;
        }
    }

    /** An attempt completes twice at the same moment, once each way: the first counts, the next attempt is unharmed. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1, 0", expect = Expect.ACCEPTABLE, desc = "the value came first: done, told once")
    @Outcome(id = "false, 0, 1", expect = Expect.ACCEPTABLE, desc = "the failure came first: the next attempt runs")
    @Outcome(id = "false, 0, 0", expect = Expect.FORBIDDEN, desc = "lost: neither done nor running")
    @Outcome(id = "true, 1, 1", expect = Expect.FORBIDDEN, desc = "done, and yet an attempt runs")
    @Outcome(expect = Expect.FORBIDDEN, desc = "told twice, or by the wrong attempt")
    public static class CompletionAgainstCompletion extends Fixture {
        private final Unruly unruly = new Unruly();
        private final Supervisor hasty = Supervisor.builder("hasty")
                .time(time)
                .hooks(ends)
                .executor(Runnable::run)
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(2).withBackoff(Duration.ZERO))
                        .withAdmission(AdmissionPolicy.of(1)))
                .build();
        private final CompletableFuture<Result<String>> future =
                hasty.runAsync(context -> context.attempt() == 1 ? unruly : stage);

        @Actor
        public void one() {
            unruly.action.accept("value", null);
        }

        @Actor
        public void other() {
            unruly.action.accept(null, new IllegalStateException("failure"));
        }

        @Arbiter
        public void after(ZII_Result result) {
            result.r1 = future.isDone();
            result.r2 = ends.count.get();
            result.r3 = hasty.inFlight() + hasty.waiting();
        }
    }
}
