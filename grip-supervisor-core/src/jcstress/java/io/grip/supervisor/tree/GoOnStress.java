package io.grip.supervisor.tree;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Ends of incarnations whose threads offer to go on, against stops and against each other. The actors are the threads. */
public final class GoOnStress {

    /** Held, or it would be forgotten that it is quiet. */
    private static final Logger LOG = Logger.getLogger("io.grip.supervisor.tree");

    static {
        LOG.setLevel(Level.OFF);
    }

    private static final IllegalStateException FAILURE = new IllegalStateException("at once");

    private GoOnStress() {}

    /** A tree whose owner runs on whoever tells it something; an interrupt of a thread is a flag. */
    private static class Fixture implements Launcher {
        final Map<String, Incarnation> begun = new ConcurrentHashMap<>();
        final SupervisionTree tree;
        volatile boolean interrupted;

        Fixture(String... names) {
            this(builder -> {}, names);
        }

        Fixture(Consumer<SupervisionTree.Builder> more, String... names) {
            SupervisionTree.Builder builder = SupervisionTree.builder("stress")
                    .time(ManualTime.create())
                    .launcher(this)
                    .limits(TreeLimits.unlimited())
                    .executor(told -> {})
                    .keepAlive(false);
            for (String name : names) {
                builder.child(restless(name));
            }
            more.accept(builder);
            tree = builder.build();
            tree.startAsync();
            begun.values().forEach(Incarnation::enter);
        }

        static ChildSpec restless(String name) {
            return ChildSpec.of(name, context -> {})
                    .withSettle(Duration.ZERO)
                    .withFirstStart(FirstStart.RETRY)
                    .withBackoff(BackoffPolicy.none())
                    .withStop(Duration.ZERO, Duration.ofSeconds(1));
        }

        /** Ends an incarnation as its thread does. Returns the one that this goes on with. */
        Incarnation end(String name, boolean inTurn) {
            Incarnation first = begun.get(name);
            first.endOrGoOn(FAILURE, inTurn);
            Incarnation latest = begun.get(name);
            return latest == first ? null : latest;
        }

        @Override
        public Handle launch(String name, Incarnation incarnation) {
            begun.put(incarnation.node.name, incarnation);
            return new Handle() {
                @Override
                public void interrupt() {
                    interrupted = true;
                }

                @Override
                public void goOn(Incarnation next) {
                    begun.put(next.node.name, next);
                }

                @Override
                public List<StackTraceElement> stack() {
                    return List.of();
                }
            };
        }

        @Override
        public void detached(String name, Runnable body) {
            throw new AssertionError("no thread was wanted");
        }

        @Override
        public void keepAlive(String name, CountDownLatch ended) {
            throw new AssertionError("no keeper was wanted");
        }
    }

    /** A stop that interrupts at once: it ends the incarnation before its restart, or is the next one's, interrupt and all. */
    @JCStressTest
    @State
    @Outcome(id = "false, true, false", expect = Expect.ACCEPTABLE, desc = "the stop came first: no restart")
    @Outcome(
            id = "true, true, true",
            expect = Expect.ACCEPTABLE,
            desc = "the restart came first: its stop, its interrupt")
    @Outcome(id = "true, true, false", expect = Expect.FORBIDDEN, desc = "an interrupt for the one before")
    @Outcome(id = "true, false, .*", expect = Expect.FORBIDDEN, desc = "a lost interrupt")
    @Outcome(expect = Expect.FORBIDDEN, desc = "neither stopped nor restarted")
    public static class StopAgainstRestart extends Fixture {
        private Incarnation next;

        public StopAgainstRestart() {
            super("a");
        }

        @Actor
        public void worker(ZZZ_Result result) {
            next = end("a", false);
            result.r1 = next != null;
        }

        @Actor
        public void stopper() {
            tree.stopChild("a");
        }

        @Arbiter
        public void look(ZZZ_Result result) {
            result.r2 = interrupted;
            result.r3 = next != null && next.stopRequested();
        }
    }

    /** Two that end at once, one of them in turn, and a stop of the tree: no command is lost, and all that began ends. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "the other one ended after the stop")
    @Outcome(id = "true, 2", expect = Expect.ACCEPTABLE, desc = "both went on before it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the tree did not come to its end, or what began was not counted")
    public static class TwoEndsAgainstStop extends Fixture {
        private Incarnation nextOfA;
        private Incarnation nextOfB;

        public TwoEndsAgainstStop() {
            super("a", "b");
        }

        @Actor
        public void a() {
            nextOfA = end("a", false);
        }

        @Actor
        public void b() {
            nextOfB = end("b", true);
            tree.stopAsync();
        }

        @Arbiter
        public void look(ZI_Result result) {
            int wentOn = 0;
            for (Incarnation next : new Incarnation[] {nextOfA, nextOfB}) {
                if (next != null) {
                    wentOn++;
                    next.end(null);
                }
            }
            result.r1 = tree.snapshot().state() == ChildState.STOPPED
                    && tree.snapshot("a").starts() + tree.snapshot("b").starts() == 2 + wentOn;
            result.r2 = wentOn;
        }
    }

    /**
     * Two whose ends are their own affair, one of them in turn, and one that has to come alone, since its supervisor counts
     * failures: all get in, and each restart is seen. A waiter that nobody wakes is a test that does not end.
     */
    @JCStressTest
    @State
    @Outcome(id = "3, 3, 3", expect = Expect.ACCEPTABLE, desc = "each was restarted twice")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a restart was lost")
    public static class TwoBesideAndOneAlone extends Fixture {

        public TwoBesideAndOneAlone() {
            super(
                    builder -> builder.supervisor(SupervisorSpec.of("s", RestartStrategy.ONE_FOR_ONE)
                            .withIntensity(new RestartIntensity(5, Duration.ofSeconds(1)))
                            .withChild(restless("c"))),
                    "a",
                    "b");
            begun.get("c").enter();
        }

        @Actor
        public void a() {
            end("a", false);
            end("a", false);
        }

        @Actor
        public void b() {
            end("b", false);
            end("b", true);
        }

        @Actor
        public void c() {
            end("c", false);
            end("c", true);
        }

        @Arbiter
        public void look(JJJ_Result result) {
            result.r1 = tree.snapshot("a").generation();
            result.r2 = tree.snapshot("b").generation();
            result.r3 = tree.snapshot("s/c").generation();
        }
    }
}
