package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ends that concern nobody but their own child are applied beside each other, all others alone. The threads are the
 * test's; an end is held while it is being applied, where its thread is told to go on.
 */
class BesideTests {

    private static final Logger LOG = Logger.getLogger("io.grip.supervisor.tree");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final IllegalStateException DOWN = new IllegalStateException("down");

    private final Held launcher = new Held();

    private SupervisionTree tree(Spec... children) {
        SupervisionTree.Builder builder = SupervisionTree.builder("beside")
                .time(ManualTime.create())
                .launcher(launcher)
                .executor(Runnable::run)
                .limits(TreeLimits.unlimited())
                .keepAlive(false);
        for (Spec child : children) {
            if (child instanceof SupervisorSpec supervisor) {
                builder.supervisor(supervisor);
            } else {
                builder.child((ChildSpec) child);
            }
        }
        SupervisionTree tree = builder.build();
        tree.startAsync();
        for (String name : List.of("a", "b", "c")) {
            Incarnation begun = launcher.latest.get(name);
            if (begun != null) {
                begun.enter();
                begun.ready();
            }
        }
        return tree;
    }

    private static ChildSpec restless(String name) {
        return ChildSpec.of(name, context -> {})
                .withSettle(Duration.ZERO)
                .withFirstStart(FirstStart.RETRY)
                .withBackoff(BackoffPolicy.none());
    }

    /** Ends it as its thread does. */
    private void end(String name, @Nullable Throwable thrown) {
        launcher.latest(name).endOrGoOn(thrown, false);
    }

    private Thread ending(String name, @Nullable Throwable thrown) {
        return Threads.start("end of " + name, () -> end(name, thrown));
    }

    private static void join(Thread thread) throws InterruptedException {
        thread.join(PATIENCE.toMillis());
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }

    @Test
    void endsOfTwoChildrenAreAppliedAtTheSameTime() throws Exception {
        SupervisionTree tree = tree(restless("a"), restless("b"));
        CyclicBarrier both = new CyclicBarrier(2);
        launcher.whenToldToGoOn = name -> meet(both);

        Thread a = ending("a", DOWN);
        Thread b = ending("b", DOWN);

        join(a);
        join(b);
        assertThat(both.isBroken()).isFalse();
        assertThat(tree.snapshot().children())
                .allMatch(child -> child.state() == ChildState.RUNNING && child.generation() == 2);
    }

    @Test
    @DisplayName("a command waits until no end is being applied; then the last of their threads applies it")
    void aCommandWaitsForEndsThatAreBeingApplied() throws Exception {
        SupervisionTree tree = tree(restless("a"), restless("b"));
        AtomicReference<Thread> applies = new AtomicReference<>();
        CountDownLatch goOn = launcher.holdOn("a");
        Thread a = ending("a", DOWN);
        launcher.awaitHeld();

        tree.ended("nobody").whenComplete((never, refused) -> applies.set(Thread.currentThread()));
        tree.stopChild("b");

        assertThat(applies).hasNullValue();
        assertThat(launcher.latest("b").stopRequested()).isFalse();
        goOn.countDown();
        join(a);
        assertThat(applies).hasValue(a);
        assertThat(launcher.latest("b").stopRequested()).isTrue();
        assertThat(tree.snapshot("a").generation()).isEqualTo(2);
    }

    @Test
    @DisplayName("I4: an end that has to wait for a command is applied to what the command left behind")
    void anEndWaitsForACommand() throws Exception {
        AtomicReference<Thread> a = new AtomicReference<>();
        SupervisionTree tree = tree(restless("a"), restless("b").withStop(Duration.ZERO, Duration.ofSeconds(1)));
        launcher.whenInterrupted = () -> {
            // On the owner's thread, in the midst of the stop.
            a.set(ending("a", DOWN));
            await().atMost(PATIENCE).until(() -> a.get().getState() == Thread.State.WAITING);
            assertThat(tree.snapshot("a").generation()).isEqualTo(1);
        };

        tree.stopAsync();

        join(a.get());
        assertThat(tree.snapshot("a").generation()).isEqualTo(1);
        assertThat(tree.snapshot("a").state()).isEqualTo(ChildState.STOPPED);
    }

    /** Why an end is not its child's affair alone. */
    enum Concern {
        ITS_GROUP {
            @Override
            Spec of(ChildSpec b) {
                return SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ALL).withChild(b);
            }
        },
        A_BUDGET_OF_ITS_SUPERVISOR {
            @Override
            Spec of(ChildSpec b) {
                return SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withIntensity(new RestartIntensity(5, Duration.ofSeconds(1)))
                        .withChild(b);
            }
        },
        ITS_BUDGET_IS_SPENT {
            @Override
            Spec of(ChildSpec b) {
                return b.withConsecutiveFailures(0);
            }
        },
        IT_ESCALATES {
            @Override
            Spec of(ChildSpec b) {
                return b.withClassifier(FailureClassifier.defaults().on(DOWN.getClass(), Verdict.ESCALATE));
            }
        },
        ITS_END_WAS_WISHED_FOR {
            @Override
            Spec of(ChildSpec b) {
                return b.withRestart(RestartPolicy.ON_FAILURE);
            }

            @Override
            @Nullable
            Throwable thrown() {
                return null;
            }
        },
        ITS_DELAY_GROWS {
            @Override
            Spec of(ChildSpec b) {
                return b.withBackoff(failures -> failures == 1 ? Duration.ZERO : Duration.ofSeconds(1));
            }
        },
        SOMEBODY_WAITS_FOR_IT {
            @Override
            Spec of(ChildSpec b) {
                return b.awaitReady();
            }

            @Override
            void prepare(SupervisionTree tree, BesideTests test) {
                tree.stopChild("b");
                test.end("b", null);
                tree.restartChild("b");
            }
        },
        ITS_SUPERVISOR_IS_STARTING {
            @Override
            Spec of(ChildSpec b) {
                return SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                        .withRestart(RestartRules.defaults().withBackoff(BackoffPolicy.none()))
                        .withChild(b.awaitReady());
            }

            @Override
            void prepare(SupervisionTree tree, BesideTests test) {
                test.end("b", new LinkageError("escalates"));
                assertThat(tree.snapshot("s").state()).isEqualTo(ChildState.STARTING);
            }
        };

        abstract Spec of(ChildSpec b);

        void prepare(SupervisionTree tree, BesideTests test) {}

        @Nullable
        Throwable thrown() {
            return DOWN;
        }
    }

    @ParameterizedTest
    @EnumSource(Concern.class)
    void anEndThatConcernsOthersIsAppliedAlone(Concern concern) throws Exception {
        SupervisionTree tree = tree(restless("a"), concern.of(restless("b")));
        concern.prepare(tree, this);
        CountDownLatch goOn = launcher.holdOn("a");
        Thread a = ending("a", DOWN);
        launcher.awaitHeld();
        Incarnation ends = launcher.latest("b");

        Thread b = ending("b", concern.thrown());

        await().atMost(PATIENCE).until(() -> b.getState() == Thread.State.WAITING);
        assertThat(ends.phase).isEqualTo(Incarnation.Phase.LIVE);
        goOn.countDown();
        join(a);
        join(b);
        assertThat(ends.phase).isEqualTo(Incarnation.Phase.ENDED);
    }

    @Test
    @DisplayName("2.8.5: who has to come alone is not overtaken by others that come and go beside each other")
    void whoComesAloneIsNotOvertaken() throws Exception {
        SupervisionTree tree = tree(restless("a"), restless("b"), Concern.A_BUDGET_OF_ITS_SUPERVISOR.of(restless("c")));
        CountDownLatch goOn = launcher.holdOn("a");
        Thread a = ending("a", DOWN);
        launcher.awaitHeld();
        Thread c = ending("c", DOWN);
        await().atMost(PATIENCE).until(() -> c.getState() == Thread.State.WAITING);

        Thread b = ending("b", DOWN);

        await().atMost(PATIENCE).until(() -> b.getState() == Thread.State.WAITING);
        assertThat(tree.snapshot("b").generation()).isEqualTo(1);
        goOn.countDown();
        join(a);
        join(b);
        join(c);
        assertThat(tree.snapshot().all().filter(child -> child.generation() == 2))
                .hasSize(3);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
            // The barrier is broken then, and that is seen.
        }
    }

    /** Hands out no threads; the end of an incarnation can be held while it is being applied. */
    private static final class Held implements Launcher {
        private final Map<String, Incarnation> latest = new ConcurrentHashMap<>();
        private final CountDownLatch held = new CountDownLatch(1);
        volatile Consumer<String> whenToldToGoOn = name -> {};
        volatile Runnable whenInterrupted = () -> {};

        Incarnation latest(String name) {
            return latest.get(name);
        }

        /** Returns what ends the hold. */
        CountDownLatch holdOn(String child) {
            CountDownLatch goOn = new CountDownLatch(1);
            whenToldToGoOn = name -> {
                if (name.equals(child)) {
                    held.countDown();
                    await(goOn);
                }
            };
            return goOn;
        }

        void awaitHeld() {
            await(held);
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException nobodyDoes) {
                throw new AssertionError(nobodyDoes);
            }
        }

        @Override
        public Handle launch(String name, Incarnation incarnation) {
            latest.put(incarnation.node.name, incarnation);
            return new Handle() {
                @Override
                public void interrupt() {
                    whenInterrupted.run();
                }

                @Override
                public void goOn(Incarnation next) {
                    whenToldToGoOn.accept(next.node.name);
                    latest.put(next.node.name, next);
                }

                @Override
                public List<StackTraceElement> stack() {
                    return List.of();
                }
            };
        }

        @Override
        public void detached(String name, Runnable body) {}

        @Override
        public void keepAlive(String name, CountDownLatch ended) {
            throw new AssertionError("no keeper was wanted");
        }
    }
}
