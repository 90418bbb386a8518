package io.grip.supervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.thread.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Counts at scale, with real threads. Short by default; {@code -Dgrip.tree.scale=true} takes the numbers of the cases,
 * best on a JVM with virtual threads, and prints how long each part took.
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

    @Test
    @DisplayName("109: static children by the number: all start in order and stop in reverse, and are counted exactly")
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
    @DisplayName("107, 108: a template's children by the number: spawned, stopped all at once")
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
