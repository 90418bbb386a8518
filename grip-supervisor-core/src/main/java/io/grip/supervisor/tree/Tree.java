package io.grip.supervisor.tree;

import io.grip.supervisor.thread.Threads;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The owner's side of a tree: its root, its life, and the ways out to code of the user's, which are never taken in place. */
final class Tree {

    /** How long a hook may take before that is reported. */
    private static final long HOOK_WITHIN = 5_000_000_000L;

    private enum Life {
        NEW,
        STARTED,
        STOPPING,
        ENDED
    }

    /** An action that may fail in any way. */
    @FunctionalInterface
    interface Hook {
        void run() throws Exception;
    }

    final String name;
    final TimeSource time;
    final Owner owner;
    final Launcher launcher;
    final TreeLimits limits;
    final EventQueue events;
    final SplittableRandom random;
    final @Nullable Consumer<TreeEvent> listener;
    final SupervisorNode root;
    final Operations operations;

    /** Of whoever built the tree: workers start with it, whichever thread happens to start theirs. */
    final @Nullable ClassLoader contextLoader = Thread.currentThread().getContextClassLoader();

    private final Executor executor;
    private final RootAction rootAction;
    private final boolean keepAlive;
    private final List<String> warnings;

    /** Whether no restart may begin any more. */
    boolean draining;

    private Life life = Life.NEW;
    private @Nullable StartWatch boot;
    private boolean actedForRoot;
    private @Nullable Runnable whenDown;
    private final List<CompletableFuture<Void>> stopWaiters = new ArrayList<>();
    private CountDownLatch ended = new CountDownLatch(0);

    Tree(SupervisionTree.Builder builder, Plan plan, List<String> warnings) {
        this.name = plan.spec.name();
        this.time = builder.time;
        this.owner = new Owner(builder.loop());
        this.executor = builder.executor;
        this.launcher = builder.launcher;
        this.limits = builder.limits;
        this.listener = builder.listener;
        this.events = new EventQueue(builder.eventCapacity, executor, time, TreeLog.toSystem(name, time), listener);
        this.random = builder.random;
        this.rootAction = builder.rootAction;
        this.keepAlive = builder.keepAlive;
        this.warnings = warnings;
        this.operations = new Operations(this);
        this.root = new SupervisorNode(this, null, plan, 0, true, 0);
    }

    // ---- life

    boolean isRunning() {
        return life == Life.STARTED;
    }

    boolean wasNeverStarted() {
        return life == Life.NEW;
    }

    void start(CompletableFuture<Void> result) {
        if (life == Life.STARTED || life == Life.STOPPING) {
            ChildOperationException twice = new ChildOperationException(
                    ChildOperationException.Reason.ALREADY_STARTED,
                    "tree '" + name + "' has been started already and not been stopped since");
            tell(() -> result.completeExceptionally(twice));
            return;
        }
        if (root.hasAbandoned()) {
            ChildOperationException held = new ChildOperationException(
                    ChildOperationException.Reason.HELD,
                    "tree '" + name + "' cannot start while incarnations abandoned by its last stop are alive");
            tell(() -> result.completeExceptionally(held));
            return;
        }
        life = Life.STARTED;
        draining = false;
        actedForRoot = false;
        whenDown = null;
        if (keepAlive) {
            ended = new CountDownLatch(1);
            launcher.keepAlive(name + "-keeper", ended);
        }
        warnings.forEach(warning -> emit(root, new TreeEvent.ConfigUnreachable("", warning)));
        root.reset();
        boot = new StartWatch(this, root, StartWatch.Kind.BOOT, result, () -> result.complete(null));
        root.watch = boot;
        root.start(false);
    }

    void stop(long deadline, CompletableFuture<Void> result) {
        if (life == Life.NEW || life == Life.ENDED) {
            tell(() -> result.complete(null));
            return;
        }
        stopWaiters.add(result);
        beginStop(deadline);
    }

    /** A child that fails fast did: everything is stopped in reverse, then whoever waits is told. */
    void stopAfterFailedStart(Runnable then) {
        whenDown = then;
        beginStop(never());
    }

    private void beginStop(long deadline) {
        life = Life.STOPPING;
        if (root.stop(deadline, Node.After.STAY)) {
            rootDown(null);
        }
    }

    /** Everything has ended or is abandoned. */
    void rootDown(@Nullable EscalatedException escalated) {
        life = Life.ENDED;
        ended.countDown();
        if (boot != null) {
            boot.cancelled(escalated);
            boot = null;
        }
        if (whenDown != null) {
            tell(whenDown);
            whenDown = null;
        }
        stopWaiters.forEach(waiter -> tell(() -> waiter.complete(null)));
        stopWaiters.clear();
        if (escalated != null) {
            rootFailed(RootFailure.Reason.ESCALATED, escalated.child(), escalated);
        }
    }

    /** A child threw what ends everything: the action first, since there may not be much time. */
    void fatal(Node child, @Nullable Throwable cause) {
        rootFailed(RootFailure.Reason.FATAL, child.path, cause);
        root.escalate(child, EscalationReason.VERDICT, cause);
    }

    /** A point in time that does not come. */
    long never() {
        return time.nanoTime() + Nanos.LONGEST;
    }

    // ---- code of the user's

    /** Completes futures: what depends on them may be anything. */
    void tell(Runnable completion) {
        try {
            executor.execute(completion);
        } catch (Throwable refused) {
            Threads.sharedExecutor().execute(completion);
        }
    }

    void emit(Node node, TreeEvent event) {
        events.offer(event, node.listener());
    }

    /** Calls something beside the worker: guarded, and with a deadline after which it is reported, and left alone. */
    void hook(Node node, String what, Hook hook) {
        AtomicBoolean told = new AtomicBoolean();
        TimeSource.Timer late = time.schedule(time.nanoTime() + HOOK_WITHIN, () -> {
            if (told.compareAndSet(false, true)) {
                emit(node, new TreeEvent.HookFailed(node.path, what, null));
            }
        });
        tell(() -> {
            try {
                hook.run();
                told.set(true);
            } catch (Throwable thrown) {
                if (told.compareAndSet(false, true)) {
                    emit(node, new TreeEvent.HookFailed(node.path, what, thrown));
                }
            } finally {
                late.cancel();
            }
        });
    }

    /** Once for each start of the tree, on a thread of its own. */
    void rootFailed(RootFailure.Reason reason, String path, @Nullable Throwable cause) {
        if (actedForRoot) {
            return;
        }
        actedForRoot = true;
        RootFailure failure = new RootFailure(name, reason, path, cause);
        AtomicBoolean done = new AtomicBoolean();
        TimeSource.Timer late = time.schedule(Nanos.after(time.nanoTime(), rootAction.deadline()), () -> {
            if (!done.get()) {
                launcher.detached(name + "-overdue", this::rootActionOverdue);
            }
        });
        launcher.detached(name + "-root-action", () -> {
            TreeLog.LOG.log(
                    System.Logger.Level.ERROR,
                    "tree '" + name + "' gave up: " + reason + " at '" + path + "'"
                            + (cause == null ? "" : ": " + EventText.text(cause)));
            try {
                rootAction.action().accept(failure);
            } catch (Throwable thrown) {
                emit(root, new TreeEvent.HookFailed("", "rootAction", thrown));
            } finally {
                done.set(true);
                late.cancel();
            }
        });
    }

    private void rootActionOverdue() {
        emit(root, new TreeEvent.HookFailed("", "rootAction", null));
        rootAction.overdue().ifPresent(Runnable::run);
    }
}
