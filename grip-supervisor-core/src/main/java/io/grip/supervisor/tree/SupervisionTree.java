package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartIntensity;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps workers alive: starts them in order, restarts them by their rules when they fail, stops them in reverse order.
 *
 * <p>Children are addressed by path: the names from below the root down, joined by '/'; the root's is empty. Operations
 * return at once, with a stage that ends when they are done; one refused ends with a {@link ChildOperationException}.
 * Only {@link #start()}, {@link #stop()} and {@link #close()} block. Stages complete on the tree's executor.
 *
 * <p>Safe for use by any thread, those of its own workers included.
 */
public final class SupervisionTree implements AutoCloseable {

    private final Tree tree;
    private final SupervisorSpec spec;

    private SupervisionTree(Builder builder) {
        this.spec = builder.spec();
        Plan plan = Plan.of(spec);
        this.tree = new Tree(builder, plan, Forecast.warnings(spec));
        TreeLog.LOG.log(
                System.Logger.Level.DEBUG,
                "tree '" + spec.name() + "': at most " + Forecast.starts(spec) + " starts of one child before the root"
                        + " gives up, at most " + Forecast.stopTime(spec) + " to stop");
    }

    /** A tree to be built, with a root of this name. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** The name of the root. */
    public String name() {
        return spec.name();
    }

    /** What the tree was built from. */
    public SupervisorSpec spec() {
        return spec;
    }

    // ---- life

    /**
     * Starts the children in order and returns when they are up, or handed over to be tried again. A tree that was
     * stopped can be started again; it then has its declared children, as new.
     *
     * @throws TreeStartException if a child that is to fail fast did not come up; what was started has been stopped
     * @throws ChildOperationException if the tree has been started already
     * @throws CancellationException if the tree is stopped meanwhile, or the calling thread is interrupted, whereupon
     *     the tree is stopped and the thread's flag is set
     */
    public void start() {
        CompletableFuture<Void> started = begin();
        try {
            started.get();
        } catch (ExecutionException failed) {
            throw asThrown(failed);
        } catch (InterruptedException interrupted) {
            stopAsync();
            Thread.currentThread().interrupt();
            CancellationException cancelled =
                    new CancellationException("interrupted while tree '" + name() + "' was starting; it is stopped");
            cancelled.initCause(interrupted);
            throw cancelled;
        }
    }

    /** As {@link #start()}, without waiting. */
    public CompletionStage<Void> startAsync() {
        return begin();
    }

    private CompletableFuture<Void> begin() {
        CompletableFuture<Void> started = new CompletableFuture<>();
        tree.owner.submit(new Command.StartTree(tree, started));
        return started;
    }

    /**
     * Stops all children in reverse order and returns when each has ended or been abandoned. Called from the thread of
     * one of its own workers it asks for the stop, does not wait for it, and reports that child as STOPPING.
     * Interrupted, it stops waiting, keeps the flag and reports how far things are.
     *
     * @return how it went
     */
    public StopReport stop() {
        return awaitStop(tree.never());
    }

    /**
     * As {@link #stop()}, in a limited time: what is left of it is passed down, and each child has at most what its
     * supervisor has left.
     *
     * @param limit when to have everything stopped or abandoned, positive; exceeded by at most some tenths of a second
     */
    public StopReport stop(Duration limit) {
        Checks.positive("limit", limit);
        return awaitStop(Nanos.after(tree.time.nanoTime(), limit));
    }

    /** As {@link #stop()}, without waiting. */
    public CompletionStage<StopReport> stopAsync() {
        return askToStop(tree.never(), new CompletableFuture<>()).thenApply(down -> report());
    }

    /** As {@link #stop(Duration)}, without waiting. */
    public CompletionStage<StopReport> stopAsync(Duration limit) {
        Checks.positive("limit", limit);
        return askToStop(Nanos.after(tree.time.nanoTime(), limit), new CompletableFuture<>())
                .thenApply(down -> report());
    }

    private StopReport awaitStop(long deadline) {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> down = askToStop(deadline, asked);
        try {
            // Its own worker cannot wait for itself.
            (isOnOwnWorker(tree.root) ? asked : down).get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            throw asThrown(failed);
        }
        return report();
    }

    private CompletableFuture<Void> askToStop(long deadline, CompletableFuture<Void> asked) {
        CompletableFuture<Void> down = new CompletableFuture<>();
        tree.owner.submit(new Command.StopTree(tree, deadline, asked, down));
        return down;
    }

    /** Stops the tree, as {@link #stop()} does. */
    @Override
    public void close() {
        stop();
    }

    /**
     * From now on nothing is restarted: a child that fails or ends stays down, and nothing is counted; what runs runs
     * on. The gentle half of a stop, for when the things that workers use begin to go away. Ends with the next start.
     */
    public void drain() {
        tree.owner.submit(new Command.Drain(tree));
    }

    // ---- children

    /**
     * Adds a child, after the others, and starts it if its supervisor runs. It is there until that supervisor begins
     * anew, or for good if the tree has not been started yet.
     *
     * @param supervisor path of the supervisor; empty for the root
     * @param child what to add
     * @return ends when the child is up; exceptionally if it does not come up, and then it is not there either, unless
     *     its first start may be retried
     */
    public CompletionStage<ChildHandle> add(String supervisor, Spec child) {
        CompletableFuture<ChildHandle> result = new CompletableFuture<>();
        tree.owner.submit(new Command.Add(tree, supervisor, Plan.of(child), result));
        return result;
    }

    /**
     * Makes a child from the template of a supervisor.
     *
     * @param supervisor path of the supervisor
     * @param worker the code of this child; the same object in all its incarnations
     * @return ends when the child is up, with the handle it is addressed by
     */
    public CompletionStage<ChildHandle> spawn(String supervisor, Worker worker) {
        CompletableFuture<ChildHandle> result = new CompletableFuture<>();
        tree.owner.submit(new Command.Spawn(tree, supervisor, Checks.notNull("worker", worker), result));
        return result;
    }

    /** Stops a child and leaves it stopped, until it is restarted by hand or its supervisor begins anew. */
    public CompletionStage<Void> stopChild(String path) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        tree.owner.submit(new Command.StopChild(tree, path, result));
        return result;
    }

    /** Stops a child made from a template, which is its end. No error if it has ended already. */
    public CompletionStage<Void> stopChild(ChildHandle child) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        tree.owner.submit(new Command.StopHandle(tree, child, result));
        return result;
    }

    /**
     * Starts a child that is stopped, has failed, or waits for its restart, with its budget and backoff as new.
     *
     * @return ends when it is up; exceptionally if it does not come up, and then it is again as it was
     */
    public CompletionStage<Void> restartChild(String path) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        tree.owner.submit(new Command.RestartChild(tree, path, result));
        return result;
    }

    /** Removes a child that does not run. */
    public CompletionStage<Void> removeChild(String path) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        tree.owner.submit(new Command.RemoveChild(tree, path, result));
        return result;
    }

    /**
     * How a child ends: when it has stopped for good or given up, which it may have done already. Never lost, unlike
     * events; where it is started again after that, ask again.
     */
    public CompletionStage<ChildEnd> ended(String path) {
        CompletableFuture<ChildEnd> result = new CompletableFuture<>();
        tree.owner.submit(new Command.AwaitEnd(tree, path, result));
        return result;
    }

    /** As {@link #ended(String)}, for a child made from a template. */
    public CompletionStage<ChildEnd> ended(ChildHandle child) {
        CompletableFuture<ChildEnd> result = new CompletableFuture<>();
        tree.owner.submit(new Command.AwaitEndOf(tree, child, result));
        return result;
    }

    // ---- looking

    /** The whole tree as it is now. Never waits for anything. */
    public ChildSnapshot snapshot() {
        return snapshot(tree.root, tree.time.nanoTime());
    }

    /**
     * A child and all below it as they are now. Never waits for anything.
     *
     * @throws ChildOperationException if there is no such child
     */
    public ChildSnapshot snapshot(String path) {
        Node node = Operations.find(tree.root, path);
        if (node == null) {
            throw new ChildOperationException(
                    ChildOperationException.Reason.NOT_FOUND, "tree '" + name() + "': '" + path + "' is not there");
        }
        return snapshot(node, tree.time.nanoTime());
    }

    /**
     * Tells one more listener, of all events whatever nested supervisors do with theirs, from now on and for good;
     * after the tree's own. A slow one holds up the others, but one that does not come back for some seconds (5 to 10) is
     * left alone, which is an event, and passed over until it does.
     */
    public void listen(Consumer<TreeEvent> listener) {
        tree.events.observe(Checks.notNull("listener", listener));
    }

    /** How many events the listeners were too slow for. */
    public long droppedEvents() {
        return tree.events.dropped();
    }

    /** How long a stop without a limit may take by the rules of the children, sequential ones added up. */
    public Duration worstCaseStop() {
        return Forecast.stopTime(spec);
    }

    /**
     * How often one child may be started before the root gives up: the product of one more than each budget on the way
     * up. {@link Long#MAX_VALUE} if that never happens.
     */
    public long worstCaseStarts() {
        return Forecast.starts(spec);
    }

    private static ChildSnapshot snapshot(Node node, long now) {
        Node.View view = node.view;
        return new ChildSnapshot(
                node.path,
                node.name,
                Optional.ofNullable(node instanceof SupervisorNode supervisor ? supervisor.spec.strategy() : null),
                view.state(),
                view.generation(),
                view.starts(),
                view.failuresAt(node.plan.resetAfter, now),
                Optional.ofNullable(view.lastFailure()),
                Optional.ofNullable(view.lastCause()),
                view.upFor(now),
                view.downFor(now),
                view.nextStart(node.parent == null ? null : node.parent.view, now),
                view.recovering(node.plan.resetAfter, now),
                abandoned(node, view, now),
                children(node).stream().map(child -> snapshot(child, now)).toList());
    }

    private StopReport report() {
        return report(tree.root, tree.time.nanoTime());
    }

    private static StopReport report(Node node, long now) {
        Node.View view = node.view;
        boolean asking = node instanceof WorkerNode worker && worker.runsOnThisThread();
        return new StopReport(
                node.path,
                asking ? ChildState.STOPPING : view.state(),
                view.generation(),
                Duration.ofNanos(view.stopTook()),
                abandoned(node, view, now),
                children(node).stream().map(child -> report(child, now)).toList());
    }

    private static List<AbandonedIncarnation> abandoned(Node node, Node.View view, long now) {
        return view.abandoned().stream()
                .map(each -> new AbandonedIncarnation(
                        node.path, each.generation(), each.stack, Duration.ofNanos(now - each.abandonedAt)))
                .toList();
    }

    private static List<Node> children(Node node) {
        if (!(node instanceof SupervisorNode supervisor)) {
            return List.of();
        }
        List<Node> children = new ArrayList<>(supervisor.byName.values());
        children.sort((a, b) -> Long.compare(a.order, b.order));
        return children;
    }

    private static boolean isOnOwnWorker(Node node) {
        return node instanceof WorkerNode worker
                ? worker.runsOnThisThread()
                : children(node).stream().anyMatch(SupervisionTree::isOnOwnWorker);
    }

    private static RuntimeException asThrown(ExecutionException failed) {
        if (failed.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        return new IllegalStateException(failed);
    }

    /** Gathers what a tree is built from. Not safe for concurrent use; may be used again. */
    public static final class Builder {

        private final String name;
        private RestartStrategy strategy = RestartStrategy.ONE_FOR_ONE;
        private final List<Spec> children = new ArrayList<>();
        private @Nullable ChildSpec template;
        private int maxChildren = Integer.MAX_VALUE;
        private @Nullable RestartIntensity intensity;
        private @Nullable Executor loop;

        @Nullable
        Consumer<TreeEvent> listener;

        RootAction rootAction = RootAction.log();
        TreeLimits limits = TreeLimits.defaults();
        TimeSource time = TimeSource.system();
        Executor executor = Threads.sharedExecutor();
        Launcher launcher = Launcher.threads();
        SplittableRandom random = new SplittableRandom();
        int eventCapacity = 1_024;
        boolean keepAlive = true;

        private Builder(String name) {
            Checks.name("tree name", Checks.notNull("tree name", name));
            this.name = name;
        }

        /** Who is restarted when a direct child fails; default ONE_FOR_ONE. */
        public Builder strategy(RestartStrategy strategy) {
            this.strategy = Checks.notNull("strategy", strategy);
            return this;
        }

        /** One more direct child, started after the others. */
        public Builder child(ChildSpec child) {
            children.add(Checks.notNull("child", child));
            return this;
        }

        /** One more direct child, started after the others: a supervisor with children of its own. */
        public Builder supervisor(SupervisorSpec supervisor) {
            children.add(Checks.notNull("supervisor", supervisor));
            return this;
        }

        /** Makes the root a {@link RestartStrategy#TEMPLATE} supervisor of at most so many children, 1 or more. */
        public Builder template(ChildSpec template, int maxChildren) {
            this.strategy = RestartStrategy.TEMPLATE;
            this.template = Checks.notNull("template", template);
            this.maxChildren = maxChildren;
            return this;
        }

        /** A limit to the failures of all direct children within a sliding window; default none. */
        public Builder intensity(RestartIntensity intensity) {
            this.intensity = Checks.notNull("intensity", intensity);
            return this;
        }

        /** Told of what happens, on the executor; default nobody. Everything is logged besides. */
        public Builder listener(Consumer<TreeEvent> listener) {
            this.listener = Checks.notNull("listener", listener);
            return this;
        }

        /** What is done when the root gives up; default: a log entry. */
        public Builder rootAction(RootAction rootAction) {
            this.rootAction = Checks.notNull("root action", rootAction);
            return this;
        }

        /** Limits shared with other trees; default: {@link TreeLimits#defaults()} of its own. */
        public Builder limits(TreeLimits limits) {
            this.limits = Checks.notNull("limits", limits);
            return this;
        }

        /** The clock; default the JVM's. */
        public Builder time(TimeSource time) {
            this.time = Checks.notNull("time", time);
            return this;
        }

        /**
         * Where listeners, stop callbacks and the stages of this tree's callers run; default: virtual threads where the
         * JVM has them, else daemons. Must not run them in place.
         */
        public Builder executor(Executor executor) {
            this.executor = Checks.notNull("executor", executor);
            return this;
        }

        /**
         * Where the tree's own bookkeeping runs, one piece after another and never code of the user's, but for what the
         * thread of a worker does that is restarted without a delay; default: the executor that {@link #executor}
         * defaults to. {@code Runnable::run} has whoever tells the tree something do it;
         * that is the default on a {@link ManualTime}, so that the tree has done what is due when the time has been moved.
         */
        public Builder loop(Executor loop) {
            this.loop = Checks.notNull("loop", loop);
            return this;
        }

        /** How many events may wait for the listener before some are dropped, 1 or more; default 1024. */
        public Builder eventCapacity(int eventCapacity) {
            Checks.atLeast("event-capacity", eventCapacity, 1);
            this.eventCapacity = eventCapacity;
            return this;
        }

        /** Whether the JVM stays alive while the tree runs, though all its workers are daemons; default true. */
        public Builder keepAlive(boolean keepAlive) {
            this.keepAlive = keepAlive;
            return this;
        }

        /** For tests: who starts the incarnations. */
        Builder launcher(Launcher launcher) {
            this.launcher = launcher;
            return this;
        }

        /** For tests: where the chance in delays comes from. */
        Builder random(SplittableRandom random) {
            this.random = random;
            return this;
        }

        Executor loop() {
            if (loop != null) {
                return loop;
            }
            return time instanceof ManualTime ? Runnable::run : Threads.sharedExecutor();
        }

        SupervisorSpec spec() {
            return new SupervisorSpec(
                    name,
                    strategy,
                    children,
                    Optional.ofNullable(template),
                    maxChildren,
                    Optional.ofNullable(intensity),
                    RestartRules.defaults().withPolicy(RestartPolicy.NEVER),
                    Optional.empty());
        }

        /**
         * The tree, not yet started.
         *
         * @throws IllegalArgumentException if two children have one name, an intensity can never be exceeded, or a backoff
         *     gives a delay that is out of range
         */
        public SupervisionTree build() {
            return new SupervisionTree(this);
        }
    }
}
