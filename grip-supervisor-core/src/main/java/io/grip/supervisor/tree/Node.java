package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A child of a supervisor, as the tree's owner knows it: what workers and nested supervisors have in common, which is
 * what failures lead to. Everything belongs to the owner but {@link #view}, which is there for everybody; while there is no
 * owner, a worker's belongs to the thread of its incarnation that ends (see {@link Owner#applyBeside}).
 */
abstract class Node {

    private static final VarHandle VIEW;

    static {
        try {
            VIEW = MethodHandles.lookup().findVarHandle(Node.class, "view", View.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** What becomes of a child once it is down; of two wishes the later in this order wins. */
    enum After {
        RESTART,
        STAY,
        REMOVE
    }

    final Tree tree;
    final @Nullable SupervisorNode parent;
    final Plan plan;
    final RestartRules rules;
    final String name;
    final String path;
    long order;
    final boolean declared;

    /** Siblings, in the order of their start. */
    @Nullable
    Node previous;

    @Nullable
    Node next;

    ChildState state = ChildState.REGISTERED;
    long generation;
    long starts;
    int failures;
    boolean up;
    long readySince;
    boolean reviving;
    boolean unlinked;

    @Nullable
    ChildFailure lastFailure;

    @Nullable
    Throwable lastCause;

    /** The first start it takes part in. */
    @Nullable
    StartWatch watch;

    After after = After.STAY;

    /** Whether its supervisor, being stopped itself, waits for its end. */
    boolean awaited;

    long stoppedAt;
    long stopTook;

    private TimeSource.@Nullable Timer timer;
    private long timerAt;
    private int arming;
    private @Nullable List<CompletableFuture<Void>> stopWaiters;
    private @Nullable List<CompletableFuture<ChildEnd>> endWaiters;

    /**
     * Publishes the state to everybody; its values belong together. Set with release: whoever has to see a state at once
     * hears of it from the owner by a way of its own, and a full fence at each step would cost more than the step.
     */
    volatile View view = View.NEW;

    Node(Tree tree, @Nullable SupervisorNode parent, Plan plan, long order, boolean declared, long generation) {
        this.tree = tree;
        this.parent = parent;
        this.plan = plan;
        this.rules = plan.spec.restart();
        this.name = plan.spec.name();
        this.path = parent == null ? "" : parent.path.isEmpty() ? name : parent.path + "/" + name;
        this.order = order;
        this.declared = declared;
        this.generation = generation;
    }

    /**
     * Starts it. It must be down, with nothing left of it.
     *
     * @param automatic whether the tree does this by itself, so that it counts as a restart
     * @return whether it is up already; otherwise the parent will hear of it
     */
    abstract boolean start(boolean automatic);

    /**
     * Has it end.
     *
     * @param deadline when everything below must have ended or be given up on
     * @param wish what becomes of it then
     * @return whether it is down already; otherwise the parent will hear of it
     */
    abstract boolean stop(long deadline, After wish);

    /** Whether something of it runs that is not abandoned. */
    abstract boolean isLive();

    /** Whether something of it is abandoned and still alive. */
    abstract boolean hasAbandoned();

    /** Those of it that are abandoned and alive, as a list that does not change. */
    abstract List<Incarnation> abandonedNow();

    /** The largest generation of anything that was ever here or below. */
    long largestGeneration() {
        return generation;
    }

    // ---- failure

    /** It failed by itself: it is down, or on its way down because it was given up on. */
    void failed(ChildFailure kind, @Nullable Throwable cause, Verdict verdict, long at) {
        SupervisorNode supervisor = parent();
        if (up && at - readySince >= plan.resetAfter) {
            failures = 0;
            reviving = false;
        }
        up = false;
        lastFailure = kind;
        lastCause = cause;
        tree.emit(this, new TreeEvent.Failed(path, generation, kind, Optional.ofNullable(cause), saturated(failures)));
        if (supervisor.isGoingDown()) {
            settle(ChildState.STOPPED);
            supervisor.passed(this);
        } else if (supervisor.isRestartingGroupWith(this)) {
            become(ChildState.RESTARTING);
        } else if (watch != null && watch.failsFastOn(this)) {
            if (watch.failsAgain()) {
                scheduleRevival();
            }
            become(ChildState.FAILED);
            watch.failed(this, kind, cause);
        } else {
            decide(supervisor, kind, cause, verdict, at);
        }
    }

    private void decide(
            SupervisorNode supervisor, ChildFailure kind, @Nullable Throwable cause, Verdict verdict, long at) {
        switch (verdict) {
            case FATAL -> {
                become(ChildState.FAILED);
                tree.fatal(this, cause);
            }
            case ESCALATE -> gaveUp(supervisor, kind, cause, OnGiveUp.ESCALATE, EscalationReason.VERDICT, false);
            case STOP -> gaveUp(supervisor, kind, cause, OnGiveUp.ISOLATE, EscalationReason.VERDICT, false);
            case RESTART -> {
                if (rules.policy() == RestartPolicy.NEVER) {
                    endedForGood(supervisor, true);
                } else {
                    countAndRestart(supervisor, kind, cause, at);
                }
            }
        }
    }

    private void countAndRestart(SupervisorNode supervisor, ChildFailure kind, @Nullable Throwable cause, long at) {
        boolean spent = !hasBudgetLeft();
        failures = saturated(failures);
        if (supervisor.windowExceededBy(at)) {
            gaveUp(supervisor, kind, cause, OnGiveUp.ESCALATE, EscalationReason.INTENSITY, false);
        } else if (spent) {
            OnGiveUp next = rules.onGiveUpUnder(supervisor.spec.strategy());
            gaveUp(supervisor, kind, cause, next, EscalationReason.BUDGET, true);
        } else {
            if (watch != null) {
                watch.retrying(this, supervisor.spec.strategy().restartsGroups());
            }
            supervisor.restart(this);
        }
    }

    /** Whether one more failure is borne. */
    boolean hasBudgetLeft() {
        int limit = rules.consecutiveFailures();
        return !reviving && (limit == RestartRules.UNLIMITED || failures < limit);
    }

    private void gaveUp(
            SupervisorNode supervisor,
            ChildFailure kind,
            @Nullable Throwable cause,
            OnGiveUp next,
            EscalationReason reason,
            boolean mayRevive) {
        if (watch != null) {
            watch.gaveUp(this, kind, cause);
        }
        if (next == OnGiveUp.ISOLATE && mayRevive) {
            scheduleRevival();
        }
        settle(ChildState.FAILED);
        tree.emit(this, new TreeEvent.GaveUp(path, generation, kind, Optional.ofNullable(cause), next));
        switch (next) {
            case ISOLATE -> supervisor.passed(this);
            case ESCALATE -> supervisor.escalate(this, reason, cause);
            case STOP_SUPERVISOR -> supervisor.endCleanly();
        }
    }

    /** Before it becomes FAILED: whoever sees that sees until when, too. */
    void scheduleRevival() {
        rules.reviveAfter().ifPresent(span -> setTimer(tree.time.nanoTime() + Nanos.of(span)));
    }

    /** It came to an end by itself, and well. */
    void endedWell(@Nullable ChildFailure kindIfWrong, long at) {
        SupervisorNode supervisor = parent();
        if (rules.policy() == RestartPolicy.ALWAYS) {
            failed(ChildFailure.EXIT, null, Verdict.RESTART, at);
            return;
        }
        up = false;
        lastFailure = kindIfWrong;
        lastCause = null;
        tree.emit(this, new TreeEvent.Stopped(path, generation, Optional.empty(), false));
        endedForGood(
                supervisor,
                rules.policy() == RestartPolicy.NEVER || supervisor.spec.strategy() == RestartStrategy.TEMPLATE);
    }

    private void endedForGood(SupervisorNode supervisor, boolean gone) {
        if (watch != null) {
            watch.wentUp(this);
        }
        settle(ChildState.STOPPED);
        supervisor.passed(this);
        if (gone) {
            remove();
        }
    }

    /** One more, but never beyond what an int holds. */
    private static int saturated(int failures) {
        return failures == Integer.MAX_VALUE ? failures : failures + 1;
    }

    // ---- restart

    /** Alone, after a delay. */
    void backOff(long delay) {
        if (delay > 0) {
            setTimer(tree.time.nanoTime() + delay);
        }
        become(ChildState.BACKING_OFF);
        announceRestart(delay);
        if (delay == 0) {
            startOrHold();
        }
    }

    void announceRestart(long delay) {
        int left = rules.consecutiveFailures() == RestartRules.UNLIMITED
                ? RestartRules.UNLIMITED
                : Math.max(0, rules.consecutiveFailures() - failures);
        tree.emit(this, new TreeEvent.RestartScheduled(path, Duration.ofNanos(delay), left));
    }

    /** Its timer: the delay before a restart is over, or it is to be revived. */
    void timeIsUp() {
        if (state == ChildState.FAILED) {
            reviving = true;
            startOrHold();
        } else if (state == ChildState.BACKING_OFF) {
            startOrHold();
        }
    }

    void startOrHold() {
        if (parent().isGoingDown()) {
            settle(ChildState.STOPPED);
        } else if (isLive() || hasAbandoned()) {
            become(ChildState.HELD);
        } else if (start(true)) {
            parent().passed(this);
        }
    }

    /** Something of it that stood in the way has ended. */
    void releaseIfHeld() {
        if (state == ChildState.HELD && !isLive() && !hasAbandoned()) {
            startOrHold();
        }
    }

    /** It no longer waits for its turn in restarting. */
    void forgetTurn() {}

    // ---- down

    /** It is down by our wish: becomes what was wished for. */
    void settleAfterStop(After wish) {
        up = false;
        stopTook = tree.time.nanoTime() - stoppedAt;
        switch (wish) {
            case RESTART -> become(ChildState.RESTARTING);
            case STAY -> settle(state == ChildState.FAILED ? ChildState.FAILED : ChildState.STOPPED);
            case REMOVE -> {
                settle(ChildState.STOPPED);
                remove();
            }
        }
    }

    /** A state in which it stays until somebody does something: those who wait for its end are told. */
    void settle(ChildState end) {
        become(end);
        if (watch != null) {
            watch.settledIn(this);
        }
        if (endWaiters != null) {
            ChildEnd told = end();
            endWaiters.forEach(waiter -> tree.tell(() -> waiter.complete(told)));
            endWaiters = null;
        }
        if (stopWaiters != null) {
            stopWaiters.forEach(waiter -> tree.tell(() -> waiter.complete(null)));
            stopWaiters = null;
        }
    }

    /** Takes it out of the tree, as soon as nothing of it is alive: until then its name is not free. */
    void remove() {
        after = After.REMOVE;
        if (!isLive() && !hasAbandoned() && !unlinked) {
            parent().unlink(this);
        }
    }

    void removeIfWished() {
        if (after == After.REMOVE && (state == ChildState.STOPPED || state == ChildState.FAILED)) {
            remove();
        }
    }

    void awaitStop(CompletableFuture<Void> waiter) {
        if (stopWaiters == null) {
            stopWaiters = new ArrayList<>(1);
        }
        stopWaiters.add(waiter);
    }

    void awaitEnd(CompletableFuture<ChildEnd> waiter) {
        if (state == ChildState.STOPPED || state == ChildState.FAILED) {
            ChildEnd end = end();
            tree.tell(() -> waiter.complete(end));
            return;
        }
        if (endWaiters == null) {
            endWaiters = new ArrayList<>(1);
        }
        endWaiters.add(waiter);
    }

    private ChildEnd end() {
        return new ChildEnd(
                path,
                generation,
                state,
                Optional.ofNullable(lastFailure),
                Optional.ofNullable(lastCause),
                hasAbandoned());
    }

    /** As it was before it was ever started, for another life of its supervisor. */
    void reset() {
        failures = 0;
        starts = 0;
        reviving = false;
        up = false;
        lastFailure = null;
        lastCause = null;
        watch = null;
        after = After.STAY;
        become(ChildState.REGISTERED);
    }

    // ---- state, time

    void become(ChildState to) {
        state = to;
        publish();
    }

    void publish() {
        View before = view;
        VIEW.setRelease(
                this,
                new View(
                        state,
                        generation,
                        starts,
                        failures,
                        lastFailure,
                        lastCause,
                        up,
                        readySince,
                        before.up || before.starts == 0 ? tree.time.nanoTime() : before.downSince,
                        timer != null,
                        timerAt,
                        reviving,
                        stopTook,
                        abandonedNow()));
    }

    final void arm(long at) {
        setTimer(at);
        publish();
    }

    /** As {@link #arm}, for what is about to become something else, which publishes both. */
    private void setTimer(long at) {
        disarm();
        int mine = arming;
        timer = tree.time.schedule(at, () -> tree.owner.submit(new Command.NodeDue(this, mine)));
        timerAt = at;
    }

    final void disarm() {
        if (timer != null) {
            arming++;
            timer.cancel();
            timer = null;
        }
    }

    void due(int armed) {
        if (armed == arming && timer != null) {
            arming++;
            timer = null;
            timeIsUp();
        }
    }

    final SupervisorNode parent() {
        if (parent == null) {
            throw new IllegalStateException("the root of tree '" + tree.name + "' was taken for a child");
        }
        return parent;
    }

    /** Who is told of its events, besides those who listen to the whole tree. */
    @Nullable
    Consumer<TreeEvent> listener() {
        return parent == null ? tree.listener : parent.listener();
    }

    /**
     * What everybody may see of a node.
     *
     * @param downSince when it was last up, or first started; means something once it was started, while it is not up
     * @param armed whether something happens to it at {@code armedAt}
     * @param abandoned incarnations; what is read of them was set before they were published
     */
    record View(
            ChildState state,
            long generation,
            long starts,
            int failures,
            @Nullable ChildFailure lastFailure,
            @Nullable Throwable lastCause,
            boolean up,
            long readySince,
            long downSince,
            boolean armed,
            long armedAt,
            boolean reviving,
            long stopTook,
            List<Incarnation> abandoned) {

        static final View NEW =
                new View(ChildState.REGISTERED, 0, 0, 0, null, null, false, 0, 0, false, 0, false, 0, List.of());

        Duration upFor(long now) {
            return up ? Duration.ofNanos(Math.max(0, now - readySince)) : Duration.ZERO;
        }

        Duration downFor(long now) {
            return up || starts == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - downSince));
        }

        /** How long until its timer, or that of its group, has it started. */
        Optional<Duration> nextStart(@Nullable View parent, long now) {
            View timed = switch (state) {
                case BACKING_OFF, FAILED -> this;
                case RESTARTING -> parent;
                case REGISTERED, STARTING, RUNNING, STOPPING, STOPPED, HELD -> null;
            };
            return timed == null || !timed.armed
                    ? Optional.empty()
                    : Optional.of(Duration.ofNanos(Math.max(0, timed.armedAt - now)));
        }

        boolean recovering(long resetAfter, long now) {
            return reviving && !isHealthy(resetAfter, now);
        }

        /** How many failures still count: none after a healthy stretch, though the owner forgets them at the next. */
        int failuresAt(long resetAfter, long now) {
            return isHealthy(resetAfter, now) ? 0 : failures;
        }

        private boolean isHealthy(long resetAfter, long now) {
            return up && now - readySince >= resetAfter;
        }
    }
}
