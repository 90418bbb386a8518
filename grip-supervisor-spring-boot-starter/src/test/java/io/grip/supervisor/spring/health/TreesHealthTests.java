package io.grip.supervisor.spring.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.FirstStart;
import io.grip.supervisor.tree.RestartStrategy;
import io.grip.supervisor.tree.RootFailure;
import io.grip.supervisor.tree.SupervisionTree;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class TreesHealthTests {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ManualTime time = ManualTime.create();
    private final AtomicBoolean broken = new AtomicBoolean();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private SupervisionTree tree;

    @AfterEach
    void end() {
        release.countDown();
        CountDownLatch down = new CountDownLatch(1);
        tree.stopAsync().thenRun(down::countDown);
        until(() -> down.getCount() == 0);
    }

    private ChildSpec child() {
        return ChildSpec.of("w", context -> {
                    if (broken.get()) {
                        throw new IllegalStateException("no route\nto host, password=secret");
                    }
                    new CountDownLatch(1).await();
                })
                .withSettle(Duration.ZERO)
                .withFirstStart(FirstStart.RETRY)
                .withJitter(0)
                .withBackoff(BackoffPolicy.fixed(SECOND))
                .withStop(Duration.ZERO, SECOND);
    }

    private SupervisionTree.Builder builder() {
        return SupervisionTree.builder("t").time(time).keepAlive(false);
    }

    private Health health() {
        return new TreesHealth(() -> List.of(tree), name -> 3, name -> Optional.empty()).health();
    }

    private void until(BooleanSupplier condition) {
        await().atMost(PATIENCE).pollInterval(10, TimeUnit.MILLISECONDS).until(() -> {
            time.advance(Duration.ofMillis(100));
            return condition.getAsBoolean();
        });
    }

    private void startBroken(ChildSpec child) {
        broken.set(true);
        tree = builder().child(child).build();
        tree.startAsync();
    }

    @Test
    void aTreeThatWorksIsUp() {
        tree = builder().child(child()).build();
        assertThat(health().getStatus()).isEqualTo(Status.UNKNOWN);

        tree.start();

        assertThat(health().getStatus()).isEqualTo(Status.UP);
        assertThat(health().getDetails()).containsKey("t");
        assertThat(health().getDetails().toString()).contains("state=RUNNING").doesNotContain("troubled");
    }

    @Test
    void aChildThatBacksOffIsUpUntilItHasFailedSomeTimesInARow() {
        startBroken(child());
        await().atMost(PATIENCE).until(() -> tree.snapshot("w").failures() == 1);
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        assertThat(health().getDetails().toString())
                .contains("path=w", "state=BACKING_OFF", "failuresInARow=1", "lastFailure=CRASH")
                .contains("exception=java.lang.IllegalStateException", "message=no route", "nextStartInSeconds=1.0")
                .doesNotContain("secret");

        until(() -> tree.snapshot("w").failures() >= 3 && tree.snapshot("w").state() == ChildState.BACKING_OFF);
        assertThat(health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);

        broken.set(false);
        until(() -> tree.snapshot("w").state() == ChildState.RUNNING);
        assertThat(health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void aChildThatHasFailedForGoodIsDownUntilItHasRecovered() {
        startBroken(child().withConsecutiveFailures(0)
                .withReviveAfter(Duration.ofSeconds(10))
                .withResetAfter(Duration.ofSeconds(20)));
        await().atMost(PATIENCE).until(() -> tree.snapshot("w").state() == ChildState.FAILED);
        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health().getDetails().toString()).contains("state=FAILED").contains("nextStartInSeconds=10.0");

        broken.set(false);
        time.advance(Duration.ofSeconds(10));
        until(() -> tree.snapshot("w").state() == ChildState.RUNNING);
        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health().getDetails().toString()).contains("recovering=true");

        time.advance(Duration.ofSeconds(20));
        assertThat(health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void aRootThatGaveUpIsDown() {
        broken.set(true);
        tree = builder()
                .strategy(RestartStrategy.ONE_FOR_ALL)
                .child(child().withConsecutiveFailures(0))
                .build();
        tree.startAsync();
        until(() -> tree.snapshot().state() == ChildState.FAILED);

        assertThat(health().getStatus()).isEqualTo(Status.DOWN);
    }

    @Test
    void aRootThatGaveUpForItsAbandonedThreadsIsDownAsLongAsTheyLive() throws Exception {
        tree = builder().child(stubborn()).build();
        tree.start();
        assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
        tree.stopChild("w");
        until(() -> !tree.snapshot("w").abandoned().isEmpty());
        RootFailure tooMany = new RootFailure("t", RootFailure.Reason.TOO_MANY_ABANDONED, "w", null);
        TreesHealth health = new TreesHealth(() -> List.of(tree), name -> 3, name -> Optional.of(tooMany));

        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.health().getDetails().toString())
                .contains("gaveUp=TOO_MANY_ABANDONED", "abandonedThreads", "ageSeconds", "TreesHealthTests");
        release.countDown();
        until(() -> tree.snapshot("w").abandoned().isEmpty());
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void aChildThatIsHeldIsOutOfService() {
        tree = builder().child(stubborn().withHeartbeat(SECOND)).build();
        tree.start();
        until(() -> tree.snapshot("w").state() == ChildState.HELD);

        assertThat(health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
    }

    @Test
    @DisplayName("124: snapshot and health answer while a child is busy starting, and while one is busy stopping")
    void healthNeverWaitsForTheTree() {
        tree = builder().child(stubborn().awaitReady()).build();
        tree.startAsync();
        await().atMost(PATIENCE).until(() -> tree.snapshot("w").state() == ChildState.STARTING);
        assertThat(health().getStatus()).isEqualTo(Status.UP);

        tree.stopAsync();
        await().atMost(PATIENCE).until(() -> tree.snapshot("w").state() == ChildState.STOPPING);
        assertThat(health().getStatus()).isEqualTo(Status.UP);
        assertThat(tree.snapshot("w").state()).isEqualTo(ChildState.STOPPING);
    }

    @Test
    void aSupervisorThatDrainsIsOutOfServiceAndOneThatIsClosedIsDown() {
        tree = builder().child(child()).build();
        Supervisor supervisor = Supervisor.builder("payment").build();
        SupervisorsHealth health = new SupervisorsHealth(() -> List.of(supervisor));
        assertThat(health.health()).isEqualTo(Health.up().build());

        supervisor.drain();
        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.health().getDetails().toString()).contains("payment={", "state=DRAINING");
        supervisor.resume();
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        supervisor.close();
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
    }

    private ChildSpec stubborn() {
        return ChildSpec.of("w", context -> {
                    entered.countDown();
                    boolean released = false;
                    while (!released) {
                        try {
                            release.await();
                            released = true;
                        } catch (InterruptedException ignored) {
                            Thread.interrupted();
                        }
                    }
                })
                .withSettle(Duration.ZERO)
                .withStop(Duration.ZERO, SECOND);
    }
}
