package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A worker: at most one incarnation that is not abandoned, and none begins while an older one is alive. Belongs to the
 * tree's owner.
 */
final class WorkerNode extends Node {

    final ChildSpec spec;

    /** The incarnation that has neither ended nor been abandoned; the owner's, and seen by no one else. */
    private @Nullable Incarnation live;

    /** While the end of an incarnation is being applied: its thread, if that may go on with the next one. */
    private Launcher.@Nullable Handle lent;

    private List<Incarnation> abandoned = List.of();
    private TreeLimits.@Nullable Ticket ticket;
    private boolean holdsTurn;
    private boolean automatic;

    /**
     * Publishes the latest incarnation to whoever asks whether it is on that incarnation's thread, which then has written
     * its own part itself.
     */
    private volatile @Nullable Incarnation latest;

    WorkerNode(Tree tree, SupervisorNode parent, Plan plan, long order, boolean declared, long generation) {
        super(tree, parent, plan, order, declared, generation);
        this.spec = (ChildSpec) plan.spec;
    }

    // ---- start

    @Override
    boolean start(boolean automatic) {
        this.automatic = automatic;
        if (automatic && !tree.limits.holdsNobodyUp()) {
            ticket = tree.limits.request(this);
            if (ticket != null) {
                if (state != ChildState.RESTARTING) {
                    become(ChildState.BACKING_OFF);
                }
                return false;
            }
            holdsTurn = true;
        }
        launch();
        return false;
    }

    /** Its turn has come, if it still waits for it. */
    void granted(TreeLimits.Ticket granted) {
        if (granted != ticket) {
            tree.limits.release();
            return;
        }
        ticket = null;
        holdsTurn = true;
        if (parent().isGoingDown()) {
            giveTurnBack();
            settle(ChildState.STOPPED);
            parent().passed(this);
        } else {
            launch();
        }
    }

    private void launch() {
        generation++;
        starts++;
        Incarnation begun = new Incarnation(this, generation);
        live = begun;
        latest = begun;
        become(ChildState.STARTING);
        tree.emit(this, new TreeEvent.Starting(path, generation));
        if (spec.start().awaitReady()) {
            begun.arm(Nanos.after(tree.time.nanoTime(), spec.start().timeout()));
        }
        if (lent != null) {
            begun.thread = lent;
            lent.goOn(begun);
            lent = null;
            return;
        }
        try {
            begun.thread = tree.launcher.launch(tree.name + "/" + path + "#" + generation, begun);
        } catch (Throwable noThread) {
            begun.thrown = noThread;
            tree.owner.submit(new Command.Ended(begun));
        }
    }

    /** Called by any thread: whether an end of its own may be followed by a start without any delay. */
    boolean mayRestartAtOnce() {
        return rules.policy() != RestartPolicy.NEVER && plan.delays.canBeNone();
    }

    /**
     * Called by any thread: whether its restarts may be of no concern to others, neither to its siblings, nor to a budget
     * of its supervisor's, nor to the limits of all trees.
     */
    boolean mayRestartBesideOthers() {
        SupervisorSpec above = parent().spec;
        return !above.strategy().restartsGroups()
                && above.intensity().isEmpty()
                && plan.delays.areNone()
                && tree.limits.holdsNobodyUp();
    }

    /**
     * Whether this end means a restart at once, on the same thread, of which nobody else needs to know: so that all it
     * changes is this child. Called on the incarnation's thread, which goes on as told; what it reads changes only while
     * the tree has an owner.
     */
    boolean restartsBesideOthers(Incarnation ending) {
        boolean goesOn = ending.lendsThread && ending.phase == Incarnation.Phase.LIVE && !ending.reported;
        boolean isAFailure = ending.thrown != null || rules.policy() == RestartPolicy.ALWAYS;
        boolean isBorne = ending.verdict == Verdict.RESTART && hasBudgetLeft();
        boolean nobodyWaits = (watch == null || watch.isOver()) && parent().isSteady();
        return goesOn && isAFailure && isBorne && nobodyWaits;
    }

    void entered(Incarnation incarnation) {
        if (incarnation == live && state == ChildState.STARTING && !spec.start().awaitReady()) {
            wentUp(incarnation);
        }
    }

    void ready(Incarnation incarnation) {
        if (incarnation == live && state == ChildState.STARTING) {
            wentUp(incarnation);
        }
    }

    private void wentUp(Incarnation incarnation) {
        incarnation.disarm();
        giveTurnBack();
        up = true;
        readySince = tree.time.nanoTime();
        become(ChildState.RUNNING);
        incarnation.watch();
        tree.emit(this, new TreeEvent.Ready(path, generation));
        if (automatic && starts > 1) {
            tree.emit(this, new TreeEvent.Restarted(path, generation));
        }
        if (watch != null) {
            watch.wentUp(this);
        }
        parent().passed(this);
    }

    // ---- end

    /** The last command of each incarnation, whatever has become of it meanwhile. */
    void ended(Incarnation incarnation) {
        Incarnation.Phase phase = incarnation.phase;
        incarnation.phase = Incarnation.Phase.ENDED;
        incarnation.disarm();
        if (incarnation.classifierFailure != null) {
            tree.emit(this, new TreeEvent.HookFailed(path, "classifier", incarnation.classifierFailure));
        }
        if (phase == Incarnation.Phase.ABANDONED) {
            reaped(incarnation);
            return;
        }
        live = null;
        if (incarnation.reported) {
            endedLate();
            return;
        }
        incarnation.reported = true;
        giveTurnBack();
        // Never asked to stop, so never interrupted by us, and never will be: what comes next goes to the next one.
        boolean lends = incarnation.lendsThread && phase == Incarnation.Phase.LIVE;
        lent = lends ? incarnation.thread : null;
        try {
            endedBy(incarnation.thrown, incarnation.verdict);
            if (lends && lent == null && live != null) {
                entered(live);
            }
        } finally {
            lent = null;
        }
    }

    private void endedBy(@Nullable Throwable thrown, Verdict verdict) {
        long now = tree.time.nanoTime();
        switch (state) {
            case STOPPING -> stoppedBy(thrown, false);
            case RUNNING -> {
                if (thrown == null) {
                    endedWell(null, now);
                } else {
                    failed(ChildFailure.CRASH, thrown, verdict, now);
                }
            }
            default -> failed(ChildFailure.START, thrown, verdict, now);
        }
    }

    /** Its failure was told when it was given up on; now its thread has ended within the ladder. */
    private void endedLate() {
        if (state == ChildState.STOPPING) {
            settleAfterStop(after);
            parent().childDown(this);
        } else {
            releaseIfHeld();
            removeIfWished();
        }
    }

    private void stoppedBy(@Nullable Throwable thrown, boolean abandonedNow) {
        tree.emit(this, new TreeEvent.Stopped(path, generation, Optional.ofNullable(thrown), abandonedNow));
        settleAfterStop(after);
        parent().childDown(this);
    }

    // ---- given up on

    /** It did not come up in time, or the classifier of the user's did not come back. */
    void overdue(Incarnation incarnation) {
        if (incarnation.judging) {
            tree.emit(this, new TreeEvent.HookFailed(path, "classifier", null));
            ChildFailure kind = state == ChildState.STARTING ? ChildFailure.START : ChildFailure.CRASH;
            giveUpOn(incarnation, kind, incarnation.thrown, incarnation.verdict);
        } else {
            String what = "not ready after " + spec.start().timeout();
            giveUpOn(incarnation, ChildFailure.START, late(incarnation, what), Verdict.RESTART);
        }
    }

    void hung(Incarnation incarnation) {
        String what = "no heartbeat within " + spec.heartbeat().orElse(Duration.ZERO);
        giveUpOn(incarnation, ChildFailure.HUNG, late(incarnation, what), Verdict.RESTART);
    }

    void judging(Incarnation incarnation) {
        if (incarnation == live && incarnation.phase == Incarnation.Phase.LIVE) {
            incarnation.judging();
        }
    }

    /** What failed is the worker, so the stack is the worker's. */
    private Throwable late(Incarnation incarnation, String what) {
        TimeoutException late = new TimeoutException("child '" + path + "': " + what);
        late.setStackTrace(incarnation.currentStack().toArray(new StackTraceElement[0]));
        return late;
    }

    private void giveUpOn(Incarnation incarnation, ChildFailure kind, @Nullable Throwable cause, Verdict verdict) {
        incarnation.reported = true;
        incarnation.fence();
        giveTurnBack();
        incarnation.stop(tree.never());
        failed(kind, cause, verdict, tree.time.nanoTime());
    }

    /** The ladder is exhausted. */
    void abandoned(Incarnation incarnation) {
        List<Incarnation> more = new ArrayList<>(abandoned);
        more.add(incarnation);
        abandoned = List.copyOf(more);
        live = null;
        parent().countAbandoned(1);
        publish();
        tree.emit(this, new TreeEvent.Abandoned(path, incarnation.generation(), incarnation.stack));
        boolean tooMany = tree.limits.countAbandoned();
        if (state == ChildState.STOPPING) {
            if (incarnation.reported) {
                settleAfterStop(after);
                parent().childDown(this);
            } else {
                incarnation.reported = true;
                stoppedBy(null, true);
            }
        }
        if (tooMany) {
            tree.rootFailed(RootFailure.Reason.TOO_MANY_ABANDONED, path, null);
        }
    }

    private void reaped(Incarnation incarnation) {
        List<Incarnation> fewer = new ArrayList<>(abandoned);
        fewer.remove(incarnation);
        abandoned = List.copyOf(fewer);
        tree.limits.countReaped();
        publish();
        tree.emit(this, new TreeEvent.Reaped(path, incarnation.generation()));
        removeIfWished();
        releaseIfHeld();
        parent().countAbandoned(-1);
    }

    // ---- stop

    @Override
    boolean stop(long deadline, After wish) {
        disarm();
        forgetTurn();
        if (state == ChildState.STOPPING) {
            after = wish.compareTo(after) > 0 ? wish : after;
            if (live != null) {
                live.stop(deadline);
            }
            return false;
        }
        after = wish;
        stoppedAt = tree.time.nanoTime();
        Incarnation running = live;
        if (running == null) {
            settleAfterStop(wish);
            return true;
        }
        giveTurnBack();
        up = false;
        become(ChildState.STOPPING);
        if (!running.reported) {
            tree.emit(this, new TreeEvent.Stopping(path, generation));
        }
        running.stop(deadline);
        return false;
    }

    @Override
    void forgetTurn() {
        if (ticket != null) {
            tree.limits.cancel(ticket);
            ticket = null;
        }
    }

    private void giveTurnBack() {
        if (holdsTurn) {
            holdsTurn = false;
            tree.limits.release();
        }
    }

    @Override
    boolean isLive() {
        return live != null;
    }

    @Override
    boolean hasAbandoned() {
        return !abandoned.isEmpty();
    }

    @Override
    List<Incarnation> abandonedNow() {
        return abandoned;
    }

    /** Called by any thread: whether that is the thread of the latest incarnation. */
    boolean runsOnThisThread() {
        Incarnation incarnation = latest;
        return incarnation != null && incarnation.runner == Thread.currentThread();
    }
}
