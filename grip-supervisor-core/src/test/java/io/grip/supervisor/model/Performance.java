package io.grip.supervisor.model;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AttemptTimeoutException;
import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.RetryAfter;
import io.grip.supervisor.execution.SupervisorShutdownException;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.fixture.Throwables;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.model.Script.Act;
import io.grip.supervisor.model.Script.Does;
import io.grip.supervisor.model.Script.Event;
import io.grip.supervisor.model.Script.Plan;
import io.grip.supervisor.model.Script.Step;
import io.grip.supervisor.model.Script.Way;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A script played by the real thing, on one thread and one manual clock: whatever is to happen later, the executor's
 * commands included, is a timer of that clock, so each script takes one course only.
 */
final class Performance {

    /** Never worth a retry. */
    static final class ForGood extends Exception {
        private static final long serialVersionUID = 1L;

        ForGood(String message) {
            super(message);
        }
    }

    private static final class Hinting extends Exception implements RetryAfter {
        private static final long serialVersionUID = 1L;
        private final Duration hint;

        Hinting(String message, long hint) {
            super(message);
            this.hint = Duration.ofNanos(hint);
        }

        @Override
        public Duration retryAfter() {
            return hint;
        }
    }

    /** Tells the runner of this test how to fail. */
    private static final class Trouble extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Does does;

        Trouble(Does does, Throwable cause) {
            super(cause);
            this.does = does;
        }
    }

    private static final class TroubledRunner implements ExecutorRunner {
        @Override
        public <T> Result<T> execute(ExecutionContext context, Execution execution, Task<T> task) {
            try {
                return Result.success(task.run(context));
            } catch (Trouble trouble) {
                return switch (trouble.does) {
                    case RUNNER_THROWS -> throw (RuntimeException) trouble.getCause();
                    case RUNNER_REJECTS -> Result.failure(FailureKind.REJECTED, trouble.getCause());
                    default -> null;
                };
            } catch (Throwable thrown) {
                return Result.failure(thrown instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR, thrown);
            }
        }
    }

    private final Script script;
    private final Way way;
    private final ManualTime time;
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final Supervisor supervisor;
    /** Runs something without end around each execution, below whose context it can be cancelled at any time. */
    private final Supervisor outer;

    private final List<Part> parts = new ArrayList<>();
    private final Map<Execution, Part> partOf = new IdentityHashMap<>();
    private final Map<Throwable, String> labels = new IdentityHashMap<>();

    private Performance(Script script, Way way) {
        this.script = script;
        this.way = way;
        this.time = way == Way.ASYNC ? ManualTime.create() : ManualTime.selfAdvancing();
        this.outer = Supervisor.builder("outer").time(time).build();
        Supervisor grandparent = Supervisor.builder("grandparent")
                .time(time)
                .policy(SupervisorPolicy.none())
                .hooks(new Ears("grandparent "))
                .build();
        Supervisor parent = Supervisor.builder("parent")
                .time(time)
                .policy(SupervisorPolicy.none().withEscalation(script.up()))
                .hooks(new Ears("parent "))
                .parent(grandparent)
                .build();
        Supervisor.Builder builder = Supervisor.builder("model")
                .time(time)
                .policy(script.policy())
                .runner(script.customRunner() ? new TroubledRunner() : ExecutorRunner.callerThread())
                .executor(command -> time.schedule(time.nanoTime(), command))
                .shutdownGrace(Duration.ofNanos(script.grace()));
        if (way != Way.PLAIN_CALL) {
            builder.telemetry(telemetry);
        }
        this.supervisor = way.isCall()
                ? builder.build()
                : builder.hooks(new Ears("")).parent(parent).build();
    }

    static Transcript play(Script script, Way way) {
        return new Performance(script, way).play();
    }

    private Transcript play() {
        for (Plan plan : script.plans()) {
            Part part = new Part(plan, parts.size());
            parts.add(part);
            if (!part.blocking) {
                time.schedule(plan.arrival(), part::begin);
            }
        }
        for (Event event : script.events()) {
            time.schedule(event.at(), () -> act(event.act(), parts.get(event.plan())));
        }
        time.schedule(Script.END, supervisor::drain);
        if (parts.get(0).blocking) {
            time.advance(Duration.ofNanos(parts.get(0).plan.arrival()));
            parts.get(0).begin();
        }
        time.advance(Duration.ofHours(1));
        parts.forEach(Part::check);
        List<String> told =
                telemetry.told().stream().filter(call -> !call.equals("closed")).toList();
        checkPermits();
        return Transcript.of(parts.stream().map(part -> part.story).toList(), told);
    }

    /** All permits are there again, and nothing runs or waits. */
    private void checkPermits() {
        require(supervisor.inFlight() == 0, "something is in flight: " + supervisor.inFlight());
        require(supervisor.waiting() == 0, "something waits: " + supervisor.waiting());
        supervisor.resume();
        int limit = script.policy().admission().maxConcurrency().orElse(0);
        if (supervisor.isClosed() || limit == 0) {
            return;
        }
        for (int holder = 0; holder < limit; holder++) {
            supervisor.runAsync(
                    ExecutionContext.background(), Execution.of("holder"), context -> new CompletableFuture<>());
        }
        require(supervisor.inFlight() == limit, "of " + limit + " permits there are " + supervisor.inFlight());
        supervisor.runAsync(ExecutionContext.background(), Execution.of("one more"), context -> {
            throw new IllegalStateException("there are more than " + limit + " permits");
        });
        require(supervisor.inFlight() == limit, "a permit too many");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private void act(Act act, Part part) {
        switch (act) {
            case THROW_EXCEPTION -> throw new IllegalStateException("in a hook");
            case THROW_ERROR -> throw new AssertionError("in a hook");
            case CANCEL -> part.cancel();
            case CANCEL_FUTURE -> part.cancelFuture();
            case INTERRUPT -> part.interrupt();
            case DRAIN -> supervisor.drain();
            case RESUME -> supervisor.resume();
            case CLOSE -> close();
        }
    }

    /** Without waiting for the end, which on this one thread would never come. */
    private void close() {
        boolean flag = Thread.currentThread().isInterrupted();
        Thread.currentThread().interrupt();
        supervisor.close();
        if (!flag) {
            Thread.interrupted();
        }
    }

    private String words(Throwable cause) {
        if (cause == null) {
            return "null";
        }
        String label = labels.get(cause);
        if (label != null) {
            return label;
        }
        String inner = words(cause.getCause()) + ")";
        if (cause instanceof DeadlineExceededException deadline) {
            return "Deadline(" + deadline.limit().toNanos() + ","
                    + deadline.elapsed().toNanos() + "," + inner;
        } else if (cause instanceof AttemptTimeoutException timeout) {
            return "Timeout(" + timeout.attempt() + "," + timeout.limit().toNanos() + "," + inner;
        } else if (cause instanceof AdmissionRejectedException rejected) {
            return "Rejected(" + rejected.limit() + "," + rejected.inFlight() + ","
                    + rejected.waited().toNanos() + ")";
        } else if (cause instanceof SupervisorShutdownException) {
            return "Shutdown(" + inner;
        } else if (cause instanceof CancellationException) {
            return "Cancelled(" + inner;
        } else if (cause instanceof InterruptedException) {
            return "Interrupted(" + inner;
        }
        return cause instanceof IllegalStateException ? "IllegalState" : cause.toString();
    }

    private String words(Result<?> result) {
        Object what = result.isSuccess() ? result.value() : words(result.cause());
        return result.failure() + " " + what + " attempts=" + result.attempts() + " restarts=" + result.restarts()
                + " took=" + result.duration().toNanos() + " escalated=" + result.escalated() + " after="
                + result.earlierFailures().stream().map(this::words).toList();
    }

    /** One execution. */
    private final class Part {

        final Plan plan;
        final int index;
        final boolean blocking;
        final List<String> story = new ArrayList<>();
        final ExecutionContext above;
        final Execution execution = Execution.of("part");
        int calls;
        int hooks;
        boolean over;
        boolean futureCancelled;
        Result<?> told;
        CompletableFuture<Result<Object>> future;

        Part(Plan plan, int index) {
            this.plan = plan;
            this.index = index;
            this.blocking = index == 0 && way != Way.ASYNC;
            partOf.put(execution, this);
            ExecutionContext[] context = new ExecutionContext[1];
            outer.runAsync(given -> {
                context[0] = given;
                return new CompletableFuture<>();
            });
            above = context[0];
        }

        void begin() {
            if (!blocking) {
                future = supervisor.runAsync(above, execution, context -> stage());
                return;
            }
            if (way == Way.RUN) {
                Result<Object> result = supervisor.run(above, execution, context -> value());
                require(result == told, "the result is not the one that hooks were told of");
            } else {
                call();
            }
            over = true;
            story.add("flag " + Thread.interrupted());
        }

        private void call() {
            try {
                story.add("returned " + supervisor.call(context -> value()));
            } catch (Throwable thrown) {
                story.add("threw " + words(thrown));
            }
        }

        // ---- the task

        private Object value() throws Exception {
            Step step = plan.step(calls++, true);
            long end = time.nanoTime() + step.takes();
            if (!step.polite()) {
                time.advance(Duration.ofNanos(step.takes()));
            }
            while (time.nanoTime() < end) {
                if (Thread.interrupted()) {
                    throw labelled(new InterruptedException());
                }
                time.parkUntil(end);
            }
            Throwable thrown = thrown(step);
            if (thrown != null) {
                throw Throwables.<RuntimeException>sneak(thrown);
            }
            return "v" + index + "." + calls;
        }

        private CompletionStage<Object> stage() {
            Step step = plan.step(calls++, false);
            if (step.does() == Does.RETURN_NULL) {
                return null;
            }
            Throwable thrown = thrown(step);
            if (step.atOnce()) {
                throw Throwables.<RuntimeException>sneak(thrown);
            }
            CompletableFuture<Object> stage = new CompletableFuture<>();
            String value = "v" + index + "." + calls;
            Runnable completion = () -> {
                if (thrown == null) {
                    stage.complete(value);
                } else {
                    stage.completeExceptionally(thrown);
                }
            };
            if (step.takes() == 0) {
                completion.run();
            } else {
                time.schedule(time.nanoTime() + step.takes(), completion);
            }
            return stage;
        }

        private Throwable thrown(Step step) {
            return switch (step.does()) {
                case SUCCEED, RETURN_NULL -> null;
                case FAIL -> labelled(new IOException());
                case FAIL_FOR_GOOD -> labelled(new ForGood("for good"));
                case FAIL_WITH_HINT -> labelled(new Hinting("hint", step.hint()));
                case PANIC -> labelled(new AssertionError());
                case THROW_CANCELLATION -> labelled(new CancellationException());
                case THROW_INTERRUPTED -> labelled(new InterruptedException());
                case THROW_SHUTDOWN -> labelled(new SupervisorShutdownException("inner", null));
                case RUNNER_THROWS, RUNNER_RETURNS_NULL, RUNNER_REJECTS ->
                    new Trouble(step.does(), labelled(new UnsupportedOperationException()));
            };
        }

        private <E extends Throwable> E labelled(E thrown) {
            labels.put(thrown, "t" + index + "." + calls);
            return thrown;
        }

        // ---- what comes from outside

        void cancel() {
            above.cancel();
        }

        void cancelFuture() {
            if (future != null) {
                futureCancelled |= future.cancel(true);
            }
        }

        void interrupt() {
            if (blocking && !over) {
                Thread.currentThread().interrupt();
            }
        }

        void hear(String call) {
            story.add(call);
            Act act = plan.inHooks().get(hooks++);
            if (act == Act.CANCEL) {
                ExecutionContext.current().cancel();
            } else if (act != null) {
                act(act, this);
            }
        }

        void check() {
            if (!blocking) {
                require(future.isDone(), "a future was lost");
                require(
                        futureCancelled ? future.isCancelled() : future.join() == told,
                        "the future has another result than hooks were told of");
            }
        }
    }

    /** Hears for the execution; a parent's hooks only write down. */
    private final class Ears implements Hooks {

        private final String who;

        Ears(String who) {
            this.who = who;
        }

        private void hear(Execution execution, String call) {
            Part part = partOf.get(execution);
            if (part == null) {
                return;
            }
            if (who.isEmpty()) {
                part.hear(call);
            } else {
                part.story.add(who + call);
            }
        }

        @Override
        public void onStart(Execution execution) {
            hear(execution, "onStart");
        }

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            note(execution, result);
            hear(execution, "onSuccess " + words(result));
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            note(execution, result);
            hear(execution, "onFailure " + words(result));
        }

        private void note(Execution execution, Result<?> result) {
            if (partOf.containsKey(execution)) {
                partOf.get(execution).told = result;
            }
        }

        @Override
        public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
            hear(execution, "onRetry " + attempt + " " + delay.toNanos() + " " + words(cause));
        }

        @Override
        public void onRestart(Execution execution, int restarts, Throwable cause) {
            hear(execution, "onRestart " + restarts + " " + words(cause));
        }

        @Override
        public void onGiveUp(Execution execution, Result<?> result) {
            hear(execution, "onGiveUp " + words(result));
        }

        @Override
        public void onEscalate(Execution execution, Result<?> result) {
            hear(execution, "onEscalate " + words(result));
        }
    }
}
