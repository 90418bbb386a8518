package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.QueuedExecutor;
import io.grip.supervisor.fixture.RecordingHooks;
import io.grip.supervisor.fixture.RecordingTelemetry;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.EscalationPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever completes the future in the execution's place, in whatever way and phase, ends the execution: retries stop, the
 * stage is cancelled and the permit is back before that call returns, and {@code onFailure} follows on the executor.
 */
@Timeout(30)
class AsyncCancelTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final AsyncTask<String> PAID = context -> CompletableFuture.completedFuture("paid");

    private final ManualTime time = ManualTime.create();
    private final RecordingHooks hooks = new RecordingHooks();
    private final RecordingTelemetry telemetry = new RecordingTelemetry();
    private final QueuedExecutor executor = new QueuedExecutor();
    private final AtomicInteger calls = new AtomicInteger();
    private final SupervisorPolicy policy = SupervisorPolicy.defaults()
            .withRetry(RetryPolicy.of(3).withBackoff(SECOND).withJitter(0))
            .withAdmission(AdmissionPolicy.of(1).withMaxWait(Duration.ofMinutes(1)))
            .withEscalation(EscalationPolicy.of(false, true));
    private final Supervisor supervisor = Supervisor.builder("payment")
            .policy(policy)
            .time(time)
            .hooks(hooks)
            .telemetry(telemetry)
            .executor(executor)
            .build();

    static Stream<Named<Consumer<CompletableFuture<?>>>> ways() {
        return Stream.of(
                way("cancel(true)", future -> future.cancel(true)),
                way("cancel(false)", future -> future.cancel(false)),
                way("complete", future -> future.complete(null)),
                way("completeExceptionally", future -> future.completeExceptionally(new IOException("mine"))),
                way("obtrudeValue", future -> future.obtrudeValue(null)),
                way("obtrudeException", future -> future.obtrudeException(new IOException("mine"))),
                way("completeAsync", future -> future.completeAsync(() -> null, Runnable::run)),
                way(
                        "completeAsync, by a supplier that throws",
                        future -> future.completeAsync(
                                () -> {
                                    throw new IllegalStateException("mine");
                                },
                                Runnable::run)));
    }

    private static Named<Consumer<CompletableFuture<?>>> way(String name, Consumer<CompletableFuture<?>> way) {
        return Named.of(name, way);
    }

    @AfterEach
    void nothingIsLeftBehind() throws InterruptedException {
        assertThat(Thread.interrupted()).as("interrupt flag").isFalse();
        hooks.then(call -> {});
        executor.runAll();
        assertThat(supervisor.awaitIdle(Duration.ZERO)).as("idle").isTrue();
        assertThat(supervisor.inFlight()).isZero();
        assertThat(supervisor.waiting()).isZero();
        assertThat(time.pendingTimers()).isZero();
        assertThatThePermitIsFree();
    }

    private void assertThatThePermitIsFree() {
        CompletableFuture<Result<String>> next = supervisor.runAsync(PAID);
        assertThat(next).as("admitted at once").isCompleted();
    }

    private void assertThatItFailedAsCancelled(int attempts) {
        assertThat(hooks.heard())
                .as("before the executor")
                .noneMatch(call -> call.hook().equals("onFailure"));
        executor.runAll();
        assertThat(hooks.texts().stream().filter(text -> text.startsWith("onFailure")))
                .containsExactly("onFailure CONTEXT_CANCELLED");
        assertThat(hooks.names()).doesNotContain("onGiveUp", "onEscalate");
        RecordingHooks.Heard failure = hooks.heard().stream()
                .filter(call -> call.hook().equals("onFailure"))
                .findFirst()
                .orElseThrow();
        assertThat(failure.cause()).isInstanceOf(CancellationException.class);
        assertThat(failure.result().attempts()).isEqualTo(attempts);
        assertThat(telemetry.count("execution CONTEXT_CANCELLED")).isEqualTo(1);
    }

    // ---------------------------------------------------------------- phases

    @ParameterizedTest
    @MethodSource("ways")
    void whileWaitingForAPermit(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        assertThat(supervisor.waiting()).isEqualTo(1);

        way.accept(future);

        assertThat(supervisor.waiting()).isZero();
        assertThatItFailedAsCancelled(0);
        stage.complete("first");
        executor.runAll();
        assertThat(calls).hasValue(0);
        assertThat(telemetry.count("admissionWait")).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileAGrantedPermitWaitsForTheExecutor(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        stage.complete("first");
        assertThat(executor.size()).as("handed over").isEqualTo(1);

        way.accept(future);

        assertThatThePermitIsFree();
        assertThatItFailedAsCancelled(0);
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileTheStageRuns(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        List<ExecutionContext> contexts = new ArrayList<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            contexts.add(context);
            return stage;
        });

        way.accept(future);

        assertThat(stage).isCancelled();
        assertThat(contexts.get(0).isCancelled()).isTrue();
        assertThat(supervisor.inFlight()).isZero();
        assertThatThePermitIsFree();
        assertThatItFailedAsCancelled(1);
        assertThat(telemetry.count("attempt CANCELLED")).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileBackingOff(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        time.advance(SECOND.dividedBy(2));

        way.accept(future);

        assertThatThePermitIsFree();
        assertThatItFailedAsCancelled(1);
        time.advance(SECOND.multipliedBy(10));
        executor.runAll();
        assertThat(calls).hasValue(1);
        assertThat(telemetry.told()).contains("backoff 500000000");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileARetryWaitsForTheExecutor(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        time.advance(SECOND);
        assertThat(executor.size()).as("handed over").isEqualTo(1);

        way.accept(future);

        assertThatItFailedAsCancelled(1);
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileDeciding(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            calls.incrementAndGet();
            return stage;
        });
        hooks.then(call -> {
            if (call.hook().equals("onRetry")) {
                assertThatThePermitIsFree();
                way.accept(future);
            }
        });

        stage.completeExceptionally(new IOException("down"));

        hooks.then(call -> {});
        assertThatItFailedAsCancelled(1);
        time.advance(SECOND.multipliedBy(10));
        executor.runAll();
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void insideTheHookThatStartsIt(Consumer<CompletableFuture<?>> way) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        supervisor.runAsync(context -> stage);
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        stage.complete("first");
        hooks.then(call -> {
            if (call.hook().equals("onStart")) {
                hooks.then(next -> {});
                way.accept(future);
                assertThatThePermitIsFree();
            }
        });

        executor.runAll();

        assertThat(calls).hasValue(0);
        assertThat(hooks.texts()).endsWith("onFailure CONTEXT_CANCELLED");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void duringTheSynchronousPart(Consumer<CompletableFuture<?>> way) throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException asked) {
                interrupted.set(context.isCancelled());
            }
            return new CompletableFuture<>();
        });
        time.advance(SECOND);
        Thread worker = new Thread(executor::runAll);
        worker.start();
        inside.await();

        way.accept(future);

        worker.join();
        assertThat(interrupted).as("interrupted, and told why").hasValue(true);
        assertThat(worker.isInterrupted()).isFalse();
        assertThatThePermitIsFree();
        executor.runAll();
        assertThat(hooks.texts()).contains("onFailure CONTEXT_CANCELLED");
        assertThat(telemetry.count("attempt CANCELLED")).isEqualTo(1);
    }

    @Test
    void byATimeoutOfTheFuture() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<Result<String>> timed = supervisor.runAsync(context -> first);
        timed.orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(timed).failsWithin(Duration.ofSeconds(10));
        awaitCancelled(first);

        CompletableFuture<String> second = new CompletableFuture<>();
        CompletableFuture<Result<String>> defaulted = supervisor.runAsync(context -> second);
        defaulted.completeOnTimeout(null, 1, TimeUnit.MILLISECONDS);
        assertThat(defaulted).succeedsWithin(Duration.ofSeconds(10));
        awaitCancelled(second);
        supervisor.awaitIdle(Duration.ZERO);
    }

    /** The future is seen completed a moment before the timer of the JDK's own has told the execution. */
    private void awaitCancelled(CompletableFuture<String> stage) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        stage.whenComplete((value, failure) -> over.countDown());
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(stage).isCancelled();
        org.awaitility.Awaitility.await().until(() -> executor.size() > 0);
        executor.runAll();
    }

    // ---------------------------------------------------------------- what it does not do

    @Test
    void cancellingWhatIsDerivedFromTheFutureIsNoWordOnTheExecution() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stage);

        future.thenApply(Result::value).cancel(true);
        future.copy().cancel(true);
        future.minimalCompletionStage().toCompletableFuture().cancel(true);
        stage.complete("paid");

        assertThat(future.join().value()).isEqualTo("paid");
    }

    @Test
    void cancellingAfterTheEndChangesNothing() {
        CompletableFuture<Result<String>> future = supervisor.runAsync(PAID);

        assertThat(future.cancel(true)).isFalse();
        assertThat(future.complete(null)).isFalse();

        assertThat(future.join().value()).isEqualTo("paid");
        assertThat(hooks.names()).containsExactly("onStart", "onSuccess");
    }

    @Test
    void aValueThatComesAfterTheCancelIsCounted() {
        CompletableFuture<String> stubborn = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        };
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> stubborn);

        future.cancel(true);
        stubborn.complete("late");

        assertThat(telemetry.count("lateResult")).isEqualTo(1);
        assertThatItFailedAsCancelled(1);
    }

    // ---------------------------------------------------------------- by context

    @Test
    void aTaskMayCancelItself() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            context.cancel();
            assertThat(context.isCancelled()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return stage;
        });
        executor.runAll();

        assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(future.join().attempts()).isEqualTo(1);
        assertThat(stage).isCancelled();
    }

    @Test
    void anotherThreadMayCancelTheAttempt() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        AtomicReference<ExecutionContext> attempt = new AtomicReference<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            attempt.set(context);
            return stage;
        });
        Thread other = new Thread(attempt.get()::cancel);
        other.start();
        other.join();
        assertThatThePermitIsFree();
        executor.runAll();

        assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(stage).isCancelled();
    }

    @Test
    void aHookMayCancelTheExecution() {
        CompletableFuture<Result<String>> future = cancelledIn("onRetry");

        assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(future.join().cause()).hasCauseInstanceOf(IOException.class);
        assertThat(calls).hasValue(1);
    }

    @Test
    void theHookThatStartsItMayCancelItBeforeTheTaskIsTouched() {
        CompletableFuture<Result<String>> future = cancelledIn("onStart");

        assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(future.join().attempts()).isZero();
        assertThat(calls).hasValue(0);
    }

    private CompletableFuture<Result<String>> cancelledIn(String hook) {
        hooks.then(call -> {
            if (call.hook().equals(hook)) {
                ExecutionContext.current().cancel();
            }
        });
        CompletableFuture<Result<String>> future = supervisor.runAsync(this::fail);
        time.advance(SECOND.multipliedBy(10));
        executor.runAll();
        hooks.then(call -> {});
        assertThat(future).isCompleted();
        return future;
    }

    @Test
    void cancellingAnEndedAttemptDoesNothing() {
        List<ExecutionContext> contexts = new ArrayList<>();
        CompletableFuture<Result<String>> future = supervisor.runAsync(context -> {
            contexts.add(context);
            throw new IOException("down");
        });
        contexts.get(0).cancel();
        time.advance(SECOND);
        executor.runAll();

        assertThat(contexts).hasSize(2);
        assertThat(future).isNotDone();
        future.cancel(true);
    }

    @Test
    void cancellingAParentEndsAllThatWaitBelowIt() throws Exception {
        int each = 100;
        Supervisor wide = Supervisor.builder("wide")
                .policy(policy.withAdmission(AdmissionPolicy.of(each + 1).withMaxWait(Duration.ofMinutes(1))))
                .time(time)
                .executor(executor)
                .build();
        AtomicReference<ExecutionContext> parent = new AtomicReference<>();
        CompletableFuture<String> never = new CompletableFuture<>();
        CompletableFuture<Result<String>> outer = supervisor.runAsync(context -> {
            parent.set(context);
            return never;
        });
        List<CompletableFuture<Result<String>>> inner = new ArrayList<>();
        List<CompletableFuture<String>> stages = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            inner.add(wide.runAsync(parent.get(), Execution.of("backing off"), this::fail));
        }
        for (int i = 0; i <= each; i++) {
            CompletableFuture<String> stage = new CompletableFuture<>();
            stages.add(stage);
            inner.add(wide.runAsync(parent.get(), Execution.of("running"), context -> stage));
        }
        for (int i = 0; i < each; i++) {
            inner.add(wide.runAsync(parent.get(), Execution.of("waiting"), this::fail));
        }
        assertThat(wide.waiting()).isEqualTo(each);
        assertThat(wide.inFlight()).isEqualTo(each + 1);

        parent.get().cancel();

        assertThat(wide.waiting()).isZero();
        assertThat(wide.inFlight()).isZero();
        executor.runAll();
        assertThat(inner).hasSize(3 * each + 1).allSatisfy(future -> {
            assertThat(future).isCompleted();
            assertThat(future.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        });
        assertThat(stages).allSatisfy(stage -> assertThat(stage).isCancelled());
        assertThat(outer.join().failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(wide.awaitIdle(Duration.ZERO)).isTrue();
        assertThat(calls).hasValue(each);
    }

    @Test
    void whatACancelledContextIsHandedToIsNotTouched() {
        ExecutionContext cancelled = ExecutionContext.background().withTimeout(SECOND);
        cancelled.cancel();

        CompletableFuture<Result<String>> future = supervisor.runAsync(cancelled, Execution.of("late"), this::fail);
        Result<String> blocking = supervisor.run(cancelled, Execution.of("late"), context -> {
            calls.incrementAndGet();
            return "paid";
        });

        assertThat(future).isCompleted();
        assertThat(future.join().failure()).isEqualTo(blocking.failure()).isEqualTo(FailureKind.CONTEXT_CANCELLED);
        assertThat(future.join().attempts()).isEqualTo(blocking.attempts()).isZero();
        assertThat(calls).hasValue(0);
        assertThat(hooks.texts()).containsExactly("onFailure CONTEXT_CANCELLED", "onFailure CONTEXT_CANCELLED");
    }

    private CompletableFuture<String> fail(ExecutionContext context) throws IOException {
        calls.incrementAndGet();
        throw new IOException("down");
    }
}
