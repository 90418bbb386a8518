package io.grip.supervisor.benchmark;

import static io.grip.supervisor.benchmark.report.Page.number;

import io.grip.supervisor.benchmark.report.Page;
import io.grip.supervisor.benchmark.report.Rounds;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.tree.ChildHandle;
import io.grip.supervisor.tree.ChildSpec;
import io.grip.supervisor.tree.Storm;
import io.grip.supervisor.tree.SupervisionTree;
import io.grip.supervisor.tree.TreeLimits;
import io.grip.supervisor.tree.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Trees: restarts a second, what an idle child weighs, start and stop of many, queries meanwhile, a storm (S9). */
final class TreeFigures {

    /** Platform threads are too dear to have ten thousand of them. */
    private static final int CHILDREN = Threads.haveVirtual() ? 10_000 : 1_000;

    private static final int ACTORS = 10_000;
    private static final int ROUNDS = 3;

    /** Of restarts: the first is there for the compiler as well. */
    private static final int RESTART_ROUNDS = 5;

    private static final long WARM_UP = 3_000_000_000L;
    private static final long MEASURED = 4_000_000_000L;

    private TreeFigures() {}

    /** All of it. */
    static void write(Page page) throws Exception {
        restarts(page);
        weightAndPace(page);
        queries(page);
        storm(page);
    }

    // ---------------------------------------------------------------- restarts

    /** So that a run says where it is. */
    private static void say(String what) {
        System.out.println("Trees: " + what);
    }

    private static void restarts(Page page) throws Exception {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < RESTART_ROUNDS; round++) {
            say("restarts");
            ours.add(restartsOfOurs());
            say("restarts of Pekko");
            theirs.add(restartsOfPekko());
        }
        page.line("");
        page.line("### Restarts a second");
        page.line("");
        page.line(
                "%,d children of one root, each on a %s thread of its own, and %,d actors of Pekko typed, all of which fail as"
                        + " soon as they are started; no backoff.",
                CHILDREN, Threads.haveVirtual() ? "virtual" : "platform", ACTORS);
        page.table("row", "restarts a second, by rounds", "median");
        page.row("tree", numbers(ours), number(Rounds.medianOf(ours)));
        page.row("Pekko typed, in place", numbers(theirs), number(Rounds.medianOf(theirs)));
        page.goals();
        double ratio = Rounds.medianOf(ours) / Rounds.medianOf(theirs);
        page.goal("restarts a second", "1 million", numbers(ours), Rounds.medianOf(ours), Page.Want.AT_LEAST, 1e6, 1e6);
        page.goal("restarts, as a ratio", "Pekko", "", ratio, Page.Want.AT_LEAST, 0.7, 1);
    }

    private static double restartsOfOurs() throws InterruptedException {
        LongAdder starts = new LongAdder();
        IllegalStateException failure = new IllegalStateException("at once");
        CountDownLatch everyoneIsUp = new CountDownLatch(1);
        Worker worker = context -> {
            everyoneIsUp.await();
            starts.increment();
            throw failure;
        };
        SupervisionTree.Builder builder = builder();
        for (int i = 0; i < CHILDREN; i++) {
            builder.child(ChildSpec.of("c" + i, worker)
                    .withBackoff(BackoffPolicy.none())
                    .withConsecutiveFailures(Integer.MAX_VALUE));
        }
        SupervisionTree tree = builder.build();
        tree.start();
        everyoneIsUp.countDown();
        double rate = rateOf(starts);
        tree.stop(Duration.ofSeconds(20));
        return rate;
    }

    private static double restartsOfPekko() throws Exception {
        LongAdder starts = new LongAdder();
        IllegalStateException failure = new IllegalStateException("at once");
        // Else they would keep their threads from ever hearing that the system is to end.
        AtomicBoolean over = new AtomicBoolean();
        Behavior<String> failing = Behaviors.supervise(Behaviors.<String>setup(context -> {
                    starts.increment();
                    if (!over.get()) {
                        context.getSelf().tell("fail");
                    }
                    return Behaviors.receiveMessage(message -> {
                        throw failure;
                    });
                }))
                .onFailure(SupervisorStrategy.restart().withLoggingEnabled(false));
        ActorSystem<Void> system = ActorSystem.create(
                Behaviors.setup(context -> {
                    for (int i = 0; i < ACTORS; i++) {
                        context.spawnAnonymous(failing);
                    }
                    return Behaviors.empty();
                }),
                "benchmark");
        double rate = rateOf(starts);
        over.set(true);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get();
        return rate;
    }

    private static double rateOf(LongAdder starts) {
        LockSupport.parkNanos(WARM_UP);
        long from = System.nanoTime();
        long before = starts.sum();
        LockSupport.parkNanos(MEASURED);
        return (starts.sum() - before) * 1e9 / (System.nanoTime() - from);
    }

    private static SupervisionTree.Builder builder() {
        return SupervisionTree.builder("figures").limits(TreeLimits.unlimited()).keepAlive(false);
    }

    // ---------------------------------------------------------------- idle children

    private static void weightAndPace(Page page) throws Exception {
        say("idle children");
        weight();
        List<Double> bare = new ArrayList<>();
        List<double[]> trees = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            bare.add(weightOfBareThreads());
            trees.add(weight());
        }
        List<Double> weights = trees.stream().map(tree -> tree[0]).toList();
        double besides = Rounds.medianOf(weights) - Rounds.medianOf(bare);
        double start = Rounds.medianOf(trees.stream().map(tree -> tree[1]).toList());
        double stop = Rounds.medianOf(trees.stream().map(tree -> tree[2]).toList());
        page.line("");
        page.line("### Idle children of a template, %,d of them, stopped in parallel", CHILDREN);
        page.table("row", "by rounds", "median");
        page.row("heap of a parked thread alone, B", numbers(bare), number(Rounds.medianOf(bare)));
        page.row("heap of an idle child with its thread, B", numbers(weights), number(Rounds.medianOf(weights)));
        page.row("start of all, ms", "", number(start));
        page.row("stop of all, ms", "", number(stop));
        page.goals();
        if (Threads.haveVirtual()) {
            // A tenth as many children on platform threads are lost in what the heap does by itself.
            page.goal("heap besides the thread, B", "half of Pekko's 1.1 KB", "", besides, Page.Want.AT_MOST, 550, 275);
        }
        page.goal("stop of all, ms", "2 s for 10 000", "", stop, Page.Want.AT_MOST, 2_000, 2_000);
    }

    /** Bytes per child, milliseconds to start and to stop all of them. */
    private static double[] weight() {
        long before = Heap.used();
        Worker idle = context -> new CountDownLatch(1).await();
        ChildSpec template = ChildSpec.of("idle", idle).withStop(Duration.ofMillis(1), Duration.ofSeconds(10));
        SupervisionTree tree = builder().template(template, CHILDREN).build();
        tree.start();
        List<CompletionStage<ChildHandle>> up = new ArrayList<>(CHILDREN);
        long from = System.nanoTime();
        for (int i = 0; i < CHILDREN; i++) {
            up.add(tree.spawn("", idle));
        }
        for (CompletionStage<ChildHandle> child : up) {
            child.toCompletableFuture().join();
        }
        up.clear();
        double start = (System.nanoTime() - from) / 1e6;
        double bytes = (Heap.used() - before) / (double) CHILDREN;
        from = System.nanoTime();
        tree.stop();
        return new double[] {bytes, start, (System.nanoTime() - from) / 1e6};
    }

    private static double weightOfBareThreads() throws InterruptedException {
        long before = Heap.used();
        CountDownLatch running = new CountDownLatch(CHILDREN);
        List<Thread> threads = new ArrayList<>(CHILDREN);
        for (int i = 0; i < CHILDREN; i++) {
            threads.add(Threads.start("bare", () -> {
                running.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException over) {
                    // Its only end.
                }
            }));
        }
        running.await();
        double bytes = (Heap.used() - before) / (double) CHILDREN;
        for (Thread thread : threads) {
            thread.interrupt();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return bytes;
    }

    // ---------------------------------------------------------------- queries

    private static void queries(Page page) {
        say("queries");
        long grace = 2_000_000_000L;
        Worker slow = context -> {
            while (!context.stopRequested()) {
                LockSupport.parkNanos(1_000_000);
            }
            long until = System.nanoTime() + grace;
            while (until - System.nanoTime() > 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        };
        SupervisionTree tree = builder()
                .child(ChildSpec.of("slow", slow))
                .child(ChildSpec.of("other", context -> new CountDownLatch(1).await())
                        .withStop(Duration.ofMillis(1), Duration.ofSeconds(10)))
                .build();
        tree.start();
        tree.stopChild("slow");
        List<Double> micros = new ArrayList<>();
        long until = System.nanoTime() + grace / 2;
        while (until - System.nanoTime() > 0) {
            long from = System.nanoTime();
            tree.snapshot();
            micros.add((System.nanoTime() - from) / 1e3);
            LockSupport.parkNanos(1_000_000);
        }
        tree.stop();
        double worst = micros.stream().flatMapToDouble(DoubleStream::of).max().orElseThrow();
        page.line("");
        page.line("### Queries while a child takes 2 s to stop");
        page.table("row", "median, µs", "longest, µs", "queries");
        page.row("snapshot of the tree", number(Rounds.medianOf(micros)), number(worst), micros.size());
        page.goals();
        page.goal("longest query, µs", "5 ms", "", worst, Page.Want.AT_MOST, 5_000, 5_000);
    }

    // ---------------------------------------------------------------- a storm

    private static void storm(Page page) {
        say("storm");
        BackoffPolicy fixed = BackoffPolicy.fixed(Duration.ofMillis(200));
        BackoffPolicy growing = BackoffPolicy.exponential(Duration.ofMillis(200), 2, Duration.ofSeconds(30));
        page.line("");
        page.line("### A storm: 1 000 children, their dependency gone for 60 s, on manual time");
        page.table("backoff", "limits", "attempts", "most in 100 ms, after 2 s");
        row(page, "fixed 200 ms", "none", Storm.of(fixed, 0, TreeLimits.unlimited()));
        Storm.Figures free = Storm.of(growing, 0.5, TreeLimits.unlimited());
        row(page, "0.2-30 s, jitter 0.5", "none", free);
        Storm.Figures capped = Storm.of(growing, 0.5, TreeLimits.defaults());
        row(page, "0.2-30 s, jitter 0.5", "50 a second, bursts of 100", capped);
        page.goals();
        page.goal("attempts without a bucket", "9 454", "", free.attempts(), Page.Want.AT_MOST, 9_454 * 1.05, 9_454);
        page.goal("attempts with the bucket", "4 094", "", capped.attempts(), Page.Want.AT_MOST, 4_094, 4_094);
        page.goal("peak with the bucket", "5 in 100 ms", "", capped.peak(), Page.Want.AT_MOST, 5, 5);
    }

    private static void row(Page page, String backoff, String limits, Storm.Figures figures) {
        page.row(backoff, limits, number(figures.attempts()), figures.peak());
    }

    private static String numbers(List<Double> values) {
        return String.join(", ", values.stream().map(Page::number).toList());
    }
}
