package io.grip.supervisor.spring.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.spring.lifecycle.TreeLifecycle.Fit;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeStartException;
import io.grip.supervisor.tree.Worker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.GenericApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class TreeLifecycleTests {

    private static final Duration TEN = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final GenericApplicationContext context = new GenericApplicationContext();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger alive = new AtomicInteger();

    @AfterEach
    void releaseWorkers() {
        release.countDown();
    }

    private TreeLifecycle lifecycle(SupervisionTree tree, TimeSource time) {
        return new TreeLifecycle(tree, new Fit(0, TEN, true, true), context, () -> {}, null, time);
    }

    private static SupervisionTree.Builder tree(TimeSource time, Worker... workers) {
        SupervisionTree.Builder builder =
                SupervisionTree.builder("t").time(time).keepAlive(false);
        for (int i = 0; i < workers.length; i++) {
            builder.child(ChildSpec.of("w" + i, workers[i])
                    .withSettle(Duration.ZERO)
                    .withStop(Duration.ZERO, Duration.ofSeconds(60)));
        }
        return builder;
    }

    private Worker polite() {
        return worker -> {
            alive.incrementAndGet();
            try {
                new CountDownLatch(1).await();
            } finally {
                alive.decrementAndGet();
            }
        };
    }

    private Worker stubborn() {
        return worker -> {
            boolean released = false;
            while (!released) {
                try {
                    release.await();
                    released = true;
                } catch (InterruptedException ignored) {
                    Thread.interrupted();
                }
            }
        };
    }

    @Test
    @DisplayName("121: stop times that do not fit into the phase are warned about at start")
    void rulesThatDoNotFitIntoThePhaseAreWarnedAbout(CapturedOutput output) {
        TreeLifecycle lifecycle =
                lifecycle(tree(TimeSource.system(), polite(), polite()).build(), TimeSource.system());

        lifecycle.start();
        lifecycle.stop();

        assertThat(output)
                .contains("Tree 't' may take PT2M to stop")
                .contains("its phase has PT10S (spring.lifecycle.timeout-per-shutdown-phase)")
                .contains("Lower stop.abandon-after");
    }

    @Test
    @DisplayName("121: a worker that hangs is abandoned, and the callback comes, before the phase is over")
    void aWorkerThatHangsIsNamedAndTheCallbackComesInTime(CapturedOutput output) {
        ManualTime time = ManualTime.create();
        SupervisionTree tree = tree(time, polite(), stubborn()).build();
        TreeLifecycle lifecycle = lifecycle(tree, time);
        AtomicInteger called = new AtomicInteger();
        lifecycle.start();
        await().atMost(PATIENCE).until(() -> tree.snapshot("w1").state() == ChildState.RUNNING);

        lifecycle.stop(called::incrementAndGet);
        await().atMost(PATIENCE).until(() -> tree.snapshot("w1").state() == ChildState.STOPPING);
        assertThat(called).hasValue(0);
        assertThat(lifecycle.isRunning()).isTrue();
        // The worker is given up on a little before the stop has to be over; the other one then ends by itself.
        time.advance(Duration.ofMillis(8_950));
        await().atMost(PATIENCE).until(() -> called.get() > 0);

        assertThat(lifecycle.isRunning()).isFalse();
        assertThat(output).contains("Tree 't' is down but for 'w1' (STOPPED, 1 abandoned");
        time.advance(TEN);
        assertThat(called).hasValue(1);
    }

    @Test
    @DisplayName("121: the callback comes half a second before the phase is over, though the tree hangs itself")
    void theCallbackComesThoughTheTreeHangs(CapturedOutput output) {
        ManualTime time = ManualTime.create();
        AtomicBoolean stuck = new AtomicBoolean();
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        SupervisionTree tree = tree(time, polite())
                .executor(task -> {
                    if (stuck.get()) {
                        waiting.add(task);
                    } else {
                        new Thread(task).start();
                    }
                })
                .build();
        TreeLifecycle lifecycle = lifecycle(tree, time);
        AtomicInteger called = new AtomicInteger();
        lifecycle.start();
        stuck.set(true);

        lifecycle.stop(called::incrementAndGet);
        time.advance(Duration.ofMillis(9_400));
        assertThat(called).hasValue(0);
        time.advance(Duration.ofMillis(100));
        assertThat(called).hasValue(1);
        assertThat(output).contains("Tree 't' is not down in time");

        // Told that the tree is down after the lifecycle is: what waits is run in its order.
        CompletableFuture<?> down = tree.stopAsync().toCompletableFuture();
        await().atMost(PATIENCE).until(() -> {
            for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
                task.run();
            }
            return down.isDone();
        });
        assertThat(called).hasValue(1);
        stuck.set(false);
    }

    @Test
    void thePoliteTreeCallsBackAtOnceAndOnce() throws Exception {
        SupervisionTree tree = tree(TimeSource.system(), polite()).build();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());
        lifecycle.start();
        CountDownLatch called = new CountDownLatch(1);

        lifecycle.stop(called::countDown);

        assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(lifecycle.isRunning()).isFalse();
        assertThat(tree.snapshot().state()).isEqualTo(ChildState.STOPPED);
    }

    @Test
    @DisplayName("123: stopped and started again it is the same tree, with its counters reset and no worker twice")
    void stoppedItCanBeStartedAgain() {
        SupervisionTree tree = tree(TimeSource.system(), polite(), polite()).build();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());

        lifecycle.start();
        lifecycle.start();
        await().atMost(PATIENCE).until(() -> alive.get() == 2);
        lifecycle.stop();
        assertThat(alive).hasValue(0);
        lifecycle.start();
        await().atMost(PATIENCE).until(() -> alive.get() == 2);

        assertThat(tree.snapshot().children()).allSatisfy(child -> {
            assertThat(child.state()).isEqualTo(ChildState.RUNNING);
            assertThat(child.starts()).isEqualTo(1);
            assertThat(child.failures()).isZero();
        });
        lifecycle.stop();
        assertThat(alive).hasValue(0);
    }

    @Test
    void onceItsOwnContextClosesNothingIsRestartedAnyMore() throws Exception {
        CountDownLatch fail = new CountDownLatch(1);
        SupervisionTree tree = tree(TimeSource.system(), worker -> {
                    fail.await();
                    throw new IllegalStateException("connection closed");
                })
                .build();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());
        lifecycle.start();

        lifecycle.onApplicationEvent(new ContextClosedEvent(context));
        fail.countDown();

        assertThat(tree.ended("w0").toCompletableFuture()).succeedsWithin(PATIENCE);
        assertThat(tree.snapshot("w0").starts()).isEqualTo(1);
        lifecycle.stop();
    }

    @Test
    void theEndOfAnotherContextChangesNothing() {
        AtomicInteger starts = new AtomicInteger();
        CountDownLatch fail = new CountDownLatch(1);
        SupervisionTree tree = tree(TimeSource.system(), worker -> {
                    if (starts.incrementAndGet() == 1) {
                        fail.await();
                        throw new IllegalStateException();
                    }
                    new CountDownLatch(1).await();
                })
                .build();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());
        lifecycle.start();

        lifecycle.onApplicationEvent(new ContextClosedEvent(new GenericApplicationContext()));
        fail.countDown();

        await().atMost(PATIENCE).until(() -> tree.snapshot("w0").starts() == 2);
        lifecycle.stop();
    }

    @Test
    void aWorkerThatDoesNotStartFailsTheStart() {
        SupervisionTree tree = SupervisionTree.builder("t")
                .child(ChildSpec.of("w", worker -> {
                            throw new IllegalStateException("no such queue");
                        })
                        .withSettle(PATIENCE))
                .build();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());

        assertThatThrownBy(lifecycle::start)
                .isInstanceOf(TreeStartException.class)
                .hasRootCauseMessage("no such queue");
        assertThat(lifecycle.isRunning()).isFalse();
    }

    @Test
    void aTreeThatTheApplicationHasStartedItselfIsStoppedAllTheSame() {
        SupervisionTree tree = tree(TimeSource.system(), polite()).build();
        tree.start();
        TreeLifecycle lifecycle = lifecycle(tree, TimeSource.system());

        lifecycle.start();
        assertThat(lifecycle.isRunning()).isTrue();
        lifecycle.stop();

        assertThat(tree.snapshot().state()).isEqualTo(ChildState.STOPPED);
    }
}
