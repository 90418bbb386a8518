package io.grip.supervisor.tree;

import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A tree whose incarnations are played step by step on the test's own thread: no real thread, no real time, the same
 * course every time. What the tree hands to its executor runs between the steps.
 */
final class Play implements Launcher {

    /** Held, or it would be forgotten that it is quiet. */
    private static final Logger LOG = Logger.getLogger("io.grip.supervisor.tree");

    static {
        LOG.setLevel(Level.OFF);
    }

    /** How an actor takes a stop. */
    enum Manner {
        /** Ends when asked. */
        POLITE,
        /** Ends when interrupted. */
        NEEDS_INTERRUPT,
        /** Does not end. */
        STUBBORN
    }

    final ManualTime time = ManualTime.create();
    final List<TreeEvent> events = new ArrayList<>();
    final List<Actor> cast = new ArrayList<>();
    final List<RootFailure> rootFailures = new ArrayList<>();

    private final Deque<Runnable> outside = new ArrayDeque<>();
    private final Set<Actor> alive = new LinkedHashSet<>();
    private final Deque<Actor> arriving = new ArrayDeque<>();
    private final Map<String, Actor> latest = new HashMap<>();
    private final Map<String, Manner> manners = new HashMap<>();
    private final Map<String, Consumer<Actor>> fates = new HashMap<>();
    private final Set<String> held = new HashSet<>();

    boolean refusesThreads;

    /** Whether threads offer to go on with the next incarnation. */
    boolean inPlace;

    /** How often one did. */
    int wentOn;

    SupervisionTree tree;

    static Play of(Consumer<SupervisionTree.Builder> setUp) {
        Play play = new Play();
        play.tree = play.build("root", setUp);
        return play;
    }

    /** Another tree on the same stage. */
    SupervisionTree build(String name, Consumer<SupervisionTree.Builder> setUp) {
        SupervisionTree.Builder builder = SupervisionTree.builder(name)
                .time(time)
                .launcher(this)
                .executor(outside::add)
                .random(new SplittableRandom(1))
                .limits(TreeLimits.of(TreeLimits.UNLIMITED, 1, TreeLimits.UNLIMITED, 8))
                .eventCapacity(1_000_000)
                .listener(events::add)
                .rootAction(RootAction.of(rootFailures::add))
                .keepAlive(false);
        setUp.accept(builder);
        return builder.build();
    }

    /** A child whose first start is settled as soon as it is up, without chance in its delays. */
    static ChildSpec child(String name) {
        return ChildSpec.of(name, context -> {}).withSettle(Duration.ZERO).withJitter(0);
    }

    // ---- steps

    Play start() {
        return await(tree.startAsync());
    }

    StopReport stop() {
        return result(tree.stopAsync());
    }

    /** Settles, and throws what a stage failed with. */
    Play await(CompletionStage<?> stage) {
        result(stage);
        return this;
    }

    <T> T result(CompletionStage<T> stage) {
        settle();
        if (!stage.toCompletableFuture().isDone()) {
            throw new AssertionError("not done: " + states());
        }
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    /** Lets time pass in small steps, so that what comes of one of them can be the beginning of the next. */
    Play advance(Duration span) {
        settle();
        Duration step = Collections.max(List.of(Duration.ofMillis(10), span.dividedBy(2_000)));
        for (Duration left = span; !left.isZero(); left = left.minus(Collections.min(List.of(step, left)))) {
            time.advance(Collections.min(List.of(step, left)));
            settle();
        }
        return this;
    }

    /** Lets everything happen that happens by itself without time passing. */
    void settle() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Runnable task = outside.poll(); task != null; task = outside.poll()) {
                moved = true;
                task.run();
            }
            for (Actor actor = arriving.poll(); actor != null; actor = arriving.poll()) {
                moved = true;
                actor.arrive();
            }
            for (Actor actor : List.copyOf(alive)) {
                moved |= actor.takesTheHint();
            }
        }
    }

    void manner(String path, Manner manner) {
        manners.put(path, manner);
    }

    /** What each incarnation of a child does as soon as it has entered; null for nothing. */
    void fate(String path, @Nullable Consumer<Actor> fate) {
        fates.put(path, fate);
    }

    /** Incarnations of this child are started, but do not get to their first step. */
    void hold(String path) {
        held.add(path);
    }

    // ---- looking

    Actor actor(String path) {
        Actor actor = latest.get(path);
        if (actor == null) {
            throw new AssertionError("'" + path + "' was never started");
        }
        return actor;
    }

    boolean wasStarted(String path) {
        return latest.containsKey(path);
    }

    ChildSnapshot at(String path) {
        return tree.snapshot(path);
    }

    ChildState state(String path) {
        return at(path).state();
    }

    String states() {
        StringBuilder text = new StringBuilder();
        tree.snapshot()
                .all()
                .forEach(child -> text.append(child.path())
                        .append('=')
                        .append(child.state())
                        .append('#')
                        .append(child.starts())
                        .append(' '));
        return text.toString().trim();
    }

    long started(String path) {
        return cast.stream().filter(actor -> actor.path().equals(path)).count();
    }

    Set<Actor> alive() {
        return alive;
    }

    <E extends TreeEvent> List<E> events(Class<E> type) {
        settle();
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    // ---- the launcher

    @Override
    public Handle launch(String name, Incarnation incarnation) {
        if (refusesThreads) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        Stage thread = new Stage();
        thread.plays(incarnation);
        return thread;
    }

    @Override
    public void detached(String name, Runnable body) {
        outside.add(body);
    }

    @Override
    public void keepAlive(String name, CountDownLatch ended) {
        throw new AssertionError("no keeper was wanted");
    }

    /** Plays one incarnation. */
    final class Actor {

        final Incarnation incarnation;
        final Stage thread;
        int interrupts;
        private boolean entered;

        Actor(Incarnation incarnation, Stage thread) {
            this.incarnation = incarnation;
            this.thread = thread;
        }

        String path() {
            return incarnation.node.path;
        }

        WorkerContext context() {
            return incarnation;
        }

        private void arrive() {
            if (held.contains(path())) {
                return;
            }
            if (!entered) {
                entered = true;
                incarnation.enter();
            }
            Consumer<Actor> fate = fates.get(path());
            if (fate != null && isAlive()) {
                fate.accept(this);
            }
        }

        private boolean takesTheHint() {
            Manner manner = manners.getOrDefault(path(), Manner.POLITE);
            boolean ends = manner == Manner.POLITE && incarnation.stopRequested()
                    || manner == Manner.NEEDS_INTERRUPT && interrupts > 0;
            if (ends) {
                finish();
            }
            return ends;
        }

        boolean isAlive() {
            return alive.contains(this);
        }

        void enter() {
            entered = true;
            incarnation.enter();
            settle();
        }

        /** Without settling, so that several things can happen at once. */
        void throwsNow(@Nullable Throwable thrown) {
            if (!alive.remove(this)) {
                throw new AssertionError(this + " has ended before");
            }
            if (!inPlace) {
                incarnation.end(thrown);
                return;
            }
            incarnation.endOrGoOn(thrown, false);
            boolean goesOn = thread.actor != this;
            if (goesOn && (incarnation.stopRequested() || interrupts > 0)) {
                throw new AssertionError(this + " was asked to stop, and its thread went on");
            }
        }

        void fail(Throwable thrown) {
            throwsNow(thrown);
            settle();
        }

        void fail() {
            fail(new IllegalStateException("down: " + this));
        }

        void finish() {
            throwsNow(null);
        }

        @Override
        public String toString() {
            return path() + "#" + incarnation.generation();
        }
    }

    /** What stands for a thread: one actor after another. */
    final class Stage implements Handle {

        private Actor actor;

        private Actor plays(Incarnation incarnation) {
            actor = new Actor(incarnation, this);
            cast.add(actor);
            alive.add(actor);
            latest.put(actor.path(), actor);
            arriving.add(actor);
            return actor;
        }

        @Override
        public void goOn(Incarnation next) {
            wentOn++;
            plays(next).entered = true;
        }

        @Override
        public void interrupt() {
            actor.interrupts++;
        }

        @Override
        public List<StackTraceElement> stack() {
            int generation = (int) actor.incarnation.generation();
            return List.of(new StackTraceElement("Actor", "plays", actor.path(), generation));
        }
    }
}
