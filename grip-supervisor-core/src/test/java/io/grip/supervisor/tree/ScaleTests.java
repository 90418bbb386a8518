package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.thread.Threads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Counts at scale. How time grows with the number is shown without threads, as a ratio; with real threads it is short by
 * default, and {@code -Dgrip.tree.scale=true} takes the numbers of the cases, best on a JVM with virtual threads, and
 * prints how long each part took.
 */
class ScaleTests {

    private static final Logger LOG = Logger.getLogger("io.grip.supervisor.tree");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final boolean LONG = Boolean.getBoolean("grip.tree.scale");
    private static final int SMALL = LONG ? 1_000 : 100;
    private static final int LARGE = !LONG ? 500 : Threads.haveVirtual() ? 100_000 : 10_000;

    private static Worker waiting() {
        return context -> new CountDownLatch(1).await();
    }

    /** A template's children, stopped one by one. Returns the CPU time this took. */
    private static long stopOneByOne(int size) {
        Crowd crowd = new Crowd();
        SupervisionTree tree = crowd.tree(builder -> builder.template(quick("t"), Integer.MAX_VALUE));
        crowd.result(tree.startAsync());
        List<ChildHandle> handles = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            handles.add(crowd.result(tree.spawn("", context -> {})));
        }
        return cpuTimeOf(() -> {
            handles.forEach(handle -> crowd.result(tree.stopChild(handle)));
            assertThat(tree.snapshot().children()).isEmpty();
            assertThat(crowd.alive()).isEmpty();
        });
    }

    @Test
    @DisplayName("108: stopping 10 000 children one by one takes about ten times as long as 1 000")
    void stoppingOneByOneScalesAboutLinearly() {
        stopOneByOne(1_000);
        long small = best(5, () -> stopOneByOne(1_000));
        long large = best(2, () -> stopOneByOne(10_000));

        assertThat(large / (double) small).isLessThan(40);
    }

    /** Children of a tree, started and stopped. Returns the CPU time this took. */
    private static long startAndStop(int size) {
        Crowd crowd = new Crowd();
        SupervisionTree tree = crowd.tree(builder -> {
            for (int i = 0; i < size; i++) {
                builder.child(quick("c" + i));
            }
        });
        return cpuTimeOf(() -> {
            crowd.result(tree.startAsync());
            assertThat(tree.snapshot().active()).isEqualTo(size);
            assertThat(crowd.result(tree.stopAsync()).isClean()).isTrue();
            assertThat(crowd.alive()).isEmpty();
        });
    }

    @Test
    @DisplayName(
            "109: starting and stopping a hundred times as many static children takes about a hundred times as long")
    void startingAndStoppingScalesAboutLinearly() {
        int few = LONG ? 1_000 : 400;
        startAndStop(few);
        long small = best(5, () -> startAndStop(few));
        long large = best(2, () -> startAndStop(100 * few));

        assertThat(large / (double) small).isLessThan(600);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "107: 1 000, then 2 000 children, workers or supervisors, then all killed: the counts are exact at each step")
    void countsExactlyByTheThousand(boolean supervisors) {
        Crowd crowd = new Crowd();
        SupervisionTree tree = crowd.tree(builder -> {
            if (!supervisors) {
                builder.template(quick("t").withRestart(RestartPolicy.NEVER), Integer.MAX_VALUE);
            }
        });
        crowd.result(tree.startAsync());
        for (int total : new int[] {1_000, 2_000}) {
            for (int i = total - 1_000; i < total; i++) {
                if (supervisors) {
                    tree.add(
                            "",
                            SupervisorSpec.of("s" + i, RestartStrategy.ONE_FOR_ALL)
                                    .withRestart(RestartPolicy.NEVER)
                                    .withChild(quick("w").withConsecutiveFailures(0)));
                } else {
                    tree.spawn("", context -> {});
                }
            }
            crowd.settle();
            assertThat(tree.snapshot().active()).isEqualTo(total);
            assertThat(crowd.alive()).hasSize(total);
        }

        List<Crowd.Member> members = crowd.alive();
        members.subList(0, 500).forEach(member -> member.end(new IllegalStateException("killed")));
        assertThat(tree.snapshot().active()).isEqualTo(1_500);
        members.subList(500, 2_000).forEach(member -> member.end(new IllegalStateException("killed")));

        assertThat(tree.snapshot().children()).isEmpty();
        assertThat(tree.snapshot().state()).isEqualTo(ChildState.RUNNING);
        assertThat(crowd.alive()).isEmpty();
    }

    private static ChildSpec quick(String name) {
        return ChildSpec.of(name, context -> {})
                .withSettle(Duration.ZERO)
                .withStop(Duration.ZERO, Duration.ofSeconds(10));
    }

    private static long best(int times, LongSupplier part) {
        return LongStream.generate(part).limit(times).min().orElseThrow();
    }

    /** Of this thread, which does it all: other work on the machine does not count. */
    private static long cpuTimeOf(Runnable part) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begun = threads.getCurrentThreadCpuTime();
        part.run();
        return threads.getCurrentThreadCpuTime() - begun;
    }

    @Test
    @DisplayName(
            "109: static children on real threads: all start in order and stop in reverse, and are counted exactly")
    void startsAndStopsStaticChildren() {
        for (int size : new int[] {SMALL, LARGE}) {
            SupervisionTree.Builder builder = SupervisionTree.builder("static").keepAlive(false);
            for (int i = 0; i < size; i++) {
                builder.child(ChildSpec.of("c" + i, waiting())
                        .withSettle(Duration.ZERO)
                        .withStop(Duration.ZERO, Duration.ofSeconds(10)));
            }
            SupervisionTree tree = builder.build();
            measured("start " + size, tree::start);
            assertThat(tree.snapshot().active()).isEqualTo(size);
            measured("stop " + size, tree::stop);
            assertThat(tree.snapshot().children()).allMatch(child -> child.state() == ChildState.STOPPED);
        }
    }

    @Test
    @DisplayName("107: a template's children on real threads: spawned, counted exactly, stopped all at once")
    void startsAndStopsTemplateChildren() {
        for (int size : new int[] {SMALL, Math.min(LARGE, 10_000)}) {
            SupervisionTree tree = SupervisionTree.builder("template")
                    .keepAlive(false)
                    .template(
                            ChildSpec.of("t", waiting())
                                    .withSettle(Duration.ZERO)
                                    .withStop(Duration.ZERO, Duration.ofSeconds(10)),
                            Integer.MAX_VALUE)
                    .build();
            tree.start();
            measured("spawn " + size, () -> {
                for (int i = 0; i < size; i++) {
                    tree.spawn("", waiting()).toCompletableFuture().join();
                }
            });
            assertThat(tree.snapshot().active()).isEqualTo(size);
            measured(
                    "stop at once " + size,
                    () -> assertThat(tree.stop().isClean()).isTrue());
        }
    }

    private static void measured(String what, Runnable part) {
        long begun = System.nanoTime();
        part.run();
        if (LONG) {
            System.out.println(what + ": " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        }
    }
}
