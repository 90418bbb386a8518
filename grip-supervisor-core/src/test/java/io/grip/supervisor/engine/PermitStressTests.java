package io.grip.supervisor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.AdmissionRejectedException;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Blocking and asynchronous executions, cancels, timeouts, interrupts and limits all at once, on real threads and the
 * real clock: at the end nothing is in use, nobody waits, and every permit can be had.
 */
@Timeout(120)
class PermitStressTests {

    private static final int LIMIT = 3;
    private static final int LARGE = 32;
    private static final int CLIENTS = 4;
    private static final int EACH = 300;

    private final ScheduledExecutorService world = Executors.newScheduledThreadPool(2, body -> {
        Thread thread = new Thread(body, "world");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @AfterEach
    void stop() {
        world.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noPermitIsEverLost(boolean ownThread) throws Exception {
        Supervisor supervisor = Supervisor.builder("stressed")
                .runner(ownThread ? ExecutorRunner.ownThread() : ExecutorRunner.callerThread())
                .policy(SupervisorPolicy.defaults()
                        .withRetry(RetryPolicy.of(3).withBackoff(Duration.ofMillis(1)))
                        .withDeadline(DeadlinePolicy.of(Duration.ofMillis(20)).withAttemptTimeout(Duration.ofMillis(5)))
                        .withAdmission(AdmissionPolicy.of(LIMIT).withMaxWait(Duration.ofMillis(10))))
                .build();

        List<Background<?>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            clients.add(Background.run(() -> {
                for (int i = 0; i < EACH; i++) {
                    act(supervisor, random);
                }
            }));
        }
        for (Background<?> client : clients) {
            // It takes as long as it takes; the test's own timeout is the bound.
            client.thread().join();
            client.get();
        }

        assertThat(supervisor.awaitIdle(Duration.ofSeconds(20))).as("idle").isTrue();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> supervisor.inFlight() == 0);
        assertThat(supervisor.waiting()).isZero();
        assertThat(most).hasPositiveValue().hasValueLessThanOrEqualTo(LIMIT);
        assertThatEveryPermitIsFree(supervisor);
    }

    /** Plain calls, whose permits come from stripes, beside stages that take all there are, while the limit changes. */
    @Test
    void noPermitOfALargeLimitIsEverLost() throws Exception {
        Supervisor supervisor =
                Supervisor.builder("large").policy(limitedTo(LARGE)).build();

        List<Background<?>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            clients.add(Background.run(() -> {
                for (int i = 0; i < EACH; i++) {
                    switch (random.nextInt(16)) {
                        case 0 -> supervisor.update(limitedTo(random.nextBoolean() ? LARGE : LIMIT));
                        case 1 -> takeAll(supervisor).forEach(this::finish);
                        default -> callUnlessRefused(supervisor);
                    }
                }
            }));
        }
        for (Background<?> client : clients) {
            // It takes as long as it takes; the test's own timeout is the bound.
            client.thread().join();
            client.get();
        }

        assertThat(supervisor.awaitIdle(Duration.ofSeconds(20))).as("idle").isTrue();
        assertThat(most).hasPositiveValue().hasValueLessThanOrEqualTo(LARGE);
        supervisor.update(limitedTo(LARGE));
        callUnlessRefused(supervisor);
        List<CompletableFuture<String>> stages = takeAll(supervisor);
        assertThat(stages).hasSize(LARGE);
        stages.forEach(this::finish);
    }

    private static SupervisorPolicy limitedTo(int limit) {
        return SupervisorPolicy.defaults().withAdmission(AdmissionPolicy.of(limit));
    }

    private void callUnlessRefused(Supervisor supervisor) throws Exception {
        try {
            supervisor.call(context -> {
                enter();
                Thread.yield();
                return inside.decrementAndGet();
            });
        } catch (AdmissionRejectedException refused) {
            assertThat(refused).hasMessageContaining("large");
        }
    }

    private List<CompletableFuture<String>> takeAll(Supervisor supervisor) {
        List<CompletableFuture<String>> stages = new ArrayList<>();
        CompletableFuture<Result<String>> last;
        do {
            CompletableFuture<String> stage = new CompletableFuture<>();
            last = supervisor.runAsync(context -> {
                enter();
                stages.add(stage);
                return stage;
            });
        } while (!last.isDone());
        return stages;
    }

    private void finish(CompletableFuture<String> stage) {
        inside.decrementAndGet();
        stage.complete("paid");
    }

    private void enter() {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
    }

    /** On {@code ownThread()}, a thread that was left behind ends a moment after its execution. */
    private static void assertThatEveryPermitIsFree(Supervisor supervisor) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            List<CompletableFuture<String>> stages = new ArrayList<>();
            List<CompletableFuture<Result<String>>> futures = new ArrayList<>();
            for (int i = 0; i <= LIMIT; i++) {
                CompletableFuture<String> stage = new CompletableFuture<>();
                stages.add(stage);
                futures.add(supervisor.runAsync(context -> {
                    context.commit();
                    return stage;
                }));
            }
            int running = supervisor.inFlight();
            int waiting = supervisor.waiting();
            stages.forEach(stage -> stage.complete("paid"));
            for (CompletableFuture<Result<String>> future : futures) {
                future.get(20, TimeUnit.SECONDS);
            }
            assertThat(running).isEqualTo(LIMIT);
            assertThat(waiting).isLessThanOrEqualTo(1);
        });
    }

    private void act(Supervisor supervisor, Random random) throws Exception {
        switch (random.nextInt(6)) {
            case 0 -> assertThat(supervisor.run(this::quick)).isNotNull();
            case 1 -> assertThat(supervisor.run(this::overrun).failure()).isNotEqualTo(FailureKind.NONE);
            case 2 -> interrupted(supervisor);
            case 3 -> outcome(supervisor.runAsync(stage(random)));
            case 4 -> cancelled(supervisor, random);
            case 5 -> cancelledByContext(supervisor, random);
            default -> throw new AssertionError("there are six");
        }
    }

    private String quick(ExecutionContext context) throws IOException {
        enter();
        try {
            Thread.yield();
            if (context.attempt() == 1) {
                throw new IOException("down");
            }
            return "paid";
        } finally {
            inside.decrementAndGet();
        }
    }

    private String overrun(ExecutionContext context) throws InterruptedException {
        new CountDownLatch(1).await();
        return "never";
    }

    private void interrupted(Supervisor supervisor) {
        Thread.currentThread().interrupt();
        supervisor.run(this::quick);
        Thread.interrupted();
    }

    private AsyncTask<String> stage(Random random) {
        int sort = random.nextInt(5);
        int delay = random.nextInt(8);
        return context -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            switch (sort) {
                case 0 -> stage.complete("at once");
                case 1 -> world.schedule(() -> stage.complete("later"), delay, TimeUnit.MILLISECONDS);
                case 2 ->
                    world.schedule(
                            () -> stage.completeExceptionally(new IOException("down")), delay, TimeUnit.MILLISECONDS);
                case 3 -> throw new IOException("at once");
                default -> {
                    // Never completes by itself.
                }
            }
            return stage;
        };
    }

    private void cancelled(Supervisor supervisor, Random random) {
        CompletableFuture<Result<String>> future = supervisor.runAsync(stage(random));
        int delay = random.nextInt(4);
        if (delay == 0) {
            future.cancel(true);
        } else {
            world.schedule(() -> future.complete(null), delay, TimeUnit.MILLISECONDS);
        }
    }

    private void cancelledByContext(Supervisor supervisor, Random random) throws Exception {
        ExecutionContext context = ExecutionContext.background().withTimeout(Duration.ofMillis(15));
        CompletableFuture<Result<String>> future =
                supervisor.runAsync(context, Execution.of("stressed"), stage(random));
        world.schedule(context::cancel, random.nextInt(4), TimeUnit.MILLISECONDS);
        outcome(future);
    }

    private static void outcome(CompletableFuture<Result<String>> future) throws Exception {
        assertThat(future.get(20, TimeUnit.SECONDS)).isNotNull();
    }
}
