package io.grip.supervisor.tree;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.time.Nanos;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor: starts its children in order, restarts them by its strategy, stops them in reverse order.
 *
 * <pre>{@code
 *   DOWN --start--> STARTING --all up--> STEADY
 *                      |                   |  a child of a group fails
 *                      '----------> GROUP_STOP --all down--> GROUP_WAIT --delay--> GROUP_START --all up--> STEADY
 *                                       ^------------- another one fails -------------'
 *   (any) --stop, escalation, clean end--> STOPPING --all down--> DOWN
 * }</pre>
 *
 * <p>One cursor says where a walk over the children has got to: forwards while starting, backwards while stopping.
 * Belongs to the tree's owner, but {@link #byName} may be read by anybody.
 */
final class SupervisorNode extends Node {

    /** What a supervisor keeps of its deadline when it passes it down, to name the culprit below and not itself. */
    private static final long MARGIN = 100_000_000L;

    private static final int NAMES_TOLD = 20;

    enum Phase {
        DOWN,
        STARTING,
        STEADY,
        GROUP_STOP,
        GROUP_WAIT,
        GROUP_START,
        STOPPING
    }

    /** Why a supervisor stops. */
    private enum Reason {
        ASKED,
        CLEAN,
        ESCALATED
    }

    final SupervisorSpec spec;

    /** Children by name, for whoever looks one up or assembles a snapshot. */
    final Map<String, Node> byName = new ConcurrentHashMap<>();

    private @Nullable Node first;
    private @Nullable Node last;
    private long nextOrder;
    private int size;

    Phase phase = Phase.DOWN;
    private @Nullable Node cursor;
    private @Nullable Node groupFrom;
    private @Nullable Node waitingFor;
    private @Nullable Node initiator;
    private int pending;
    private boolean automatic;

    private Reason reason = Reason.ASKED;
    private @Nullable EscalatedException escalation;
    private long escalatedAt;
    private long deadline;

    private final @Nullable FailureWindow window;
    private long abandonedBelow;

    /** The largest generation of what is gone from here: one of the same path must not be mistaken for it. */
    private long goneGeneration;

    private long spawned;

    /** Its own, or else that of the supervisor above; asked for at every event of every child. */
    private final @Nullable Consumer<TreeEvent> listener;

    SupervisorNode(
            Tree tree, @Nullable SupervisorNode parent, Plan plan, long order, boolean declared, long generation) {
        super(tree, parent, plan, order, declared, generation);
        this.spec = (SupervisorSpec) plan.spec;
        this.window = spec.intensity().map(FailureWindow::new).orElse(null);
        this.goneGeneration = generation;
        this.listener = spec.listener().isPresent() ? spec.listener().get() : super.listener();
        plan.children.forEach(child -> append(child, true));
    }

    // ---- children

    Node append(Plan child, boolean declaredChild) {
        Node node = child.spec instanceof ChildSpec
                ? new WorkerNode(tree, this, child, nextOrder++, declaredChild, goneGeneration)
                : new SupervisorNode(tree, this, child, nextOrder++, declaredChild, goneGeneration);
        node.previous = last;
        if (last == null) {
            first = node;
        } else {
            last.next = node;
        }
        last = node;
        size++;
        byName.put(node.name, node);
        return node;
    }

    void unlink(Node node) {
        // On the way forwards the cursor stays: whoever removes a child lets it pass after that.
        if (cursor == node && (phase == Phase.GROUP_STOP || phase == Phase.STOPPING)) {
            cursor = node.previous;
        }
        if (groupFrom == node) {
            groupFrom = node.next;
        }
        if (node.previous == null) {
            first = node.next;
        } else {
            node.previous.next = node.next;
        }
        if (node.next == null) {
            last = node.previous;
        } else {
            node.next.previous = node.previous;
        }
        size--;
        byName.remove(node.name, node);
        node.unlinked = true;
        // Whoever still holds it, by a handle say, must not hold all that came and went after it.
        node.previous = null;
        if (cursor != node) {
            node.next = null;
        }
        goneGeneration = Math.max(goneGeneration, node.largestGeneration());
    }

    @Override
    long largestGeneration() {
        long largest = Math.max(generation, goneGeneration);
        for (Node child = first; child != null; child = child.next) {
            largest = Math.max(largest, child.largestGeneration());
        }
        return largest;
    }

    int size() {
        return size;
    }

    String nextSpawnedName() {
        return Long.toString(++spawned);
    }

    // ---- start

    @Override
    boolean start(boolean automatic) {
        this.automatic = automatic;
        generation++;
        starts++;
        dropAdded();
        if (window != null) {
            window.clear();
        }
        phase = Phase.STARTING;
        become(ChildState.STARTING);
        tree.emit(this, new TreeEvent.Starting(path, generation));
        cursor = first;
        if (startMore()) {
            becomeSteady();
            return true;
        }
        return false;
    }

    /** Back to what was declared: what was added is dropped, what is gone comes back. */
    private void dropAdded() {
        List<String> names = new ArrayList<>();
        int count = 0;
        Node following;
        for (Node node = first; node != null; node = following) {
            following = node.next;
            if (!node.declared) {
                count++;
                if (names.size() < NAMES_TOLD) {
                    names.add(node.name);
                }
                unlink(node);
            } else {
                node.reset();
            }
        }
        if (byName.size() < plan.children.size()) {
            bringBackDeclared();
        }
        if (count > 0) {
            tree.emit(this, new TreeEvent.ChildrenDropped(path, List.copyOf(names), count));
        }
    }

    private void bringBackDeclared() {
        Map<String, Node> left = Map.copyOf(byName);
        first = null;
        last = null;
        size = 0;
        for (Plan child : plan.children) {
            Node known = left.get(child.spec.name());
            if (known == null) {
                append(child, true);
            } else {
                relink(known);
            }
        }
        // Declared at the tree's first start by being added before it, so in no plan; they come last.
        left.values().stream()
                .filter(node -> plan.children.stream()
                        .noneMatch(child -> child.spec.name().equals(node.name)))
                .sorted((a, b) -> Long.compare(a.order, b.order))
                .forEach(this::relink);
    }

    private void relink(Node node) {
        node.order = nextOrder++;
        node.previous = last;
        node.next = null;
        if (last == null) {
            first = node;
        } else {
            last.next = node;
        }
        last = node;
        size++;
    }

    /** Starts children from the cursor on. Returns whether none is left to be waited for. */
    private boolean startMore() {
        while (cursor != null) {
            Node child = cursor;
            if (isGoingDown()) {
                return false;
            }
            if (child.state == ChildState.REGISTERED || child.state == ChildState.RESTARTING) {
                if (watch != null && child.watch == null) {
                    child.watch = watch;
                }
                if (!child.start(automatic)) {
                    return false;
                }
            }
            if (cursor == child) {
                cursor = child.next;
            }
        }
        return true;
    }

    /** A child is up, or nobody needs to wait for it any more. */
    void passed(Node child) {
        if ((phase == Phase.STARTING || phase == Phase.GROUP_START) && cursor == child) {
            cursor = child.next;
            if (startMore()) {
                boolean first = phase == Phase.STARTING || state == ChildState.STARTING;
                becomeSteady();
                if (first) {
                    tellUp();
                }
            }
        }
    }

    private void becomeSteady() {
        phase = Phase.STEADY;
        if (state != ChildState.STARTING) {
            return;
        }
        up = true;
        readySince = tree.time.nanoTime();
        become(ChildState.RUNNING);
        tree.emit(this, new TreeEvent.Ready(path, generation));
        if (automatic && starts > 1) {
            tree.emit(this, new TreeEvent.Restarted(path, generation));
        }
        if (watch != null) {
            watch.wentUp(this);
        }
    }

    private void tellUp() {
        if (parent != null) {
            parent.passed(this);
        }
    }

    /** Whether it is up and nothing goes on above it either that would have to do with a restart of a child. */
    boolean isSteady() {
        return phase == Phase.STEADY && !isGoingDown();
    }

    /** Whether it, or one above it, is being stopped: then nothing below starts any more. */
    boolean isGoingDown() {
        return phase == Phase.STOPPING || tree.draining || parent != null && parent.isGoingDown();
    }

    // ---- restart

    /** Counts a failure of a child in the window. Returns whether it is one too many. */
    boolean windowExceededBy(long now) {
        return window != null && window.exceededBy(now);
    }

    /** By the strategy; the child's own budget allows it. */
    void restart(Node child) {
        switch (spec.strategy()) {
            case ONE_FOR_ONE, TEMPLATE -> {
                child.backOff(child.plan.delays.next(child.failures, tree.random));
                passed(child);
            }
            case ONE_FOR_ALL -> restartGroup(child, first);
            case REST_FOR_ONE -> restartGroup(child, child);
        }
    }

    /** Whether a group is on its way down, or down, with this child in it: then its failure starts nothing new. */
    boolean isRestartingGroupWith(Node child) {
        return (phase == Phase.GROUP_STOP || phase == Phase.GROUP_WAIT)
                && groupFrom != null
                && child.order >= groupFrom.order;
    }

    private void restartGroup(Node child, @Nullable Node from) {
        child.become(ChildState.RESTARTING);
        disarm();
        initiator = child;
        groupFrom = from;
        phase = Phase.GROUP_STOP;
        cursor = last;
        if (waitingFor == null) {
            stopMoreOfGroup();
        }
    }

    /** Stops the members backwards, each when the one after it is down; then waits once for all of them. */
    private void stopMoreOfGroup() {
        while (cursor != null && groupFrom != null && cursor.order >= groupFrom.order) {
            Node member = cursor;
            cursor = member.previous;
            if (isDownForItself(member)) {
                continue;
            }
            After wish = member.rules.policy() == RestartPolicy.NEVER ? After.REMOVE : After.RESTART;
            if (!member.stop(tree.never(), wish)) {
                waitingFor = member;
                return;
            }
            if (member.hasAbandoned()) {
                escalate(member, EscalationReason.CANNOT_STOP, member.lastCause);
                return;
            }
        }
        waitForGroup();
    }

    private static boolean isDownForItself(Node member) {
        return switch (member.state) {
            case REGISTERED, STOPPED, FAILED -> true;
            case STARTING, RUNNING, BACKING_OFF, RESTARTING, STOPPING, HELD -> false;
        };
    }

    private void waitForGroup() {
        long delay = 0;
        for (Node member = groupFrom; member != null; member = member.next) {
            if (member.state == ChildState.RESTARTING) {
                delay = Math.max(delay, member.plan.delays.next(member.failures, tree.random));
            }
        }
        phase = Phase.GROUP_WAIT;
        if (initiator != null && !initiator.unlinked) {
            initiator.announceRestart(delay);
        }
        if (delay == 0) {
            startGroup();
        } else {
            arm(tree.time.nanoTime() + delay);
        }
    }

    private void startGroup() {
        if (isGoingDown()) {
            return;
        }
        phase = Phase.GROUP_START;
        boolean first = state == ChildState.STARTING;
        automatic = true;
        cursor = groupFrom;
        if (startMore()) {
            becomeSteady();
            if (first) {
                tellUp();
            }
        }
    }

    @Override
    void timeIsUp() {
        if (phase == Phase.GROUP_WAIT) {
            startGroup();
        } else {
            super.timeIsUp();
        }
    }

    // ---- stop

    @Override
    boolean stop(long deadline, After wish) {
        if (phase == Phase.DOWN) {
            disarm();
            stoppedAt = tree.time.nanoTime();
            settleAfterStop(wish);
            return true;
        }
        if (phase == Phase.STOPPING) {
            after = reason == Reason.ASKED && after.compareTo(wish) > 0 ? after : wish;
            reason = Reason.ASKED;
            tighten(deadline);
            return false;
        }
        after = wish;
        if (stopChildren(Reason.ASKED, deadline)) {
            phase = Phase.DOWN;
            settleAfterStop(wish);
            return true;
        }
        return false;
    }

    /** A child's failure is final, and this supervisor's too. */
    void escalate(Node child, EscalationReason why, @Nullable Throwable cause) {
        if (phase == Phase.STOPPING || phase == Phase.DOWN) {
            return;
        }
        escalation = new EscalatedException(path, child.path, why, cause);
        escalatedAt = tree.time.nanoTime();
        if (stopChildren(Reason.ESCALATED, tree.never())) {
            stopped();
        }
    }

    /** A child's failure is final, and this supervisor is done, without failing itself. */
    void endCleanly() {
        if (phase != Phase.STOPPING && phase != Phase.DOWN && stopChildren(Reason.CLEAN, tree.never())) {
            stopped();
        }
    }

    /** Returns whether all are down already. */
    private boolean stopChildren(Reason why, long until) {
        disarm();
        boolean asked = why == Reason.ASKED;
        reason = why;
        deadline = until;
        phase = Phase.STOPPING;
        stoppedAt = tree.time.nanoTime();
        waitingFor = null;
        pending = 0;
        cursor = last;
        become(ChildState.STOPPING);
        if (asked) {
            tree.emit(this, new TreeEvent.Stopping(path, generation));
        }
        return stopMore();
    }

    /** One after another, or all at once where that is the rule or no time is left. */
    private boolean stopMore() {
        long below = deadline - MARGIN;
        boolean together = spec.strategy() == RestartStrategy.TEMPLATE || Nanos.isBefore(below, tree.time.nanoTime());
        while (cursor != null) {
            Node child = cursor;
            cursor = child.previous;
            if (!child.stop(below, After.STAY)) {
                child.awaited = true;
                pending++;
                if (!together) {
                    return false;
                }
            }
        }
        return pending == 0;
    }

    private void tighten(long sooner) {
        if (Nanos.isBefore(sooner, deadline)) {
            deadline = sooner;
            for (Node child = last; child != null; child = child.previous) {
                if (child.state == ChildState.STOPPING) {
                    child.stop(sooner - MARGIN, After.STAY);
                }
            }
        }
    }

    /** A child that was stopping is down. */
    void childDown(Node child) {
        if (phase == Phase.STOPPING) {
            // One that was stopped by hand before may end before it is its turn, and is not waited for yet.
            if (child.awaited) {
                child.awaited = false;
                if (--pending == 0 && stopMore()) {
                    stopped();
                }
            }
        } else if (phase == Phase.GROUP_STOP && waitingFor == child) {
            waitingFor = null;
            if (child.hasAbandoned()) {
                escalate(child, EscalationReason.CANNOT_STOP, child.lastCause);
            } else {
                stopMoreOfGroup();
            }
        } else {
            passed(child);
        }
    }

    /** All are down. */
    private void stopped() {
        phase = Phase.DOWN;
        EscalatedException escalated = escalation;
        escalation = null;
        switch (reason) {
            case ASKED -> {
                settleAfterStop(after);
                tellDown();
            }
            case CLEAN -> {
                stopTook = tree.time.nanoTime() - stoppedAt;
                if (parent == null) {
                    settle(ChildState.STOPPED);
                    tree.rootDown(null);
                } else {
                    endedWell(null, stoppedAt);
                }
            }
            case ESCALATED -> failedAfterEscalation(escalated);
        }
    }

    private void failedAfterEscalation(@Nullable EscalatedException escalated) {
        if (escalated == null) {
            throw new IllegalStateException("supervisor '" + path + "' escalated for no reason");
        }
        stopTook = tree.time.nanoTime() - stoppedAt;
        tree.emit(this, new TreeEvent.SupervisorEscalated(path, escalated));
        if (parent == null) {
            lastFailure = ChildFailure.CRASH;
            lastCause = escalated;
            up = false;
            settle(ChildState.FAILED);
            tree.rootDown(escalated);
        } else {
            failed(up ? ChildFailure.CRASH : ChildFailure.START, escalated, Verdict.RESTART, escalatedAt);
        }
    }

    private void tellDown() {
        if (parent == null) {
            tree.rootDown(null);
        } else {
            parent.childDown(this);
        }
    }

    // ---- abandoned below

    void countAbandoned(int change) {
        abandonedBelow += change;
        if (abandonedBelow == 0) {
            removeIfWished();
            releaseIfHeld();
        }
        if (parent != null) {
            parent.countAbandoned(change);
        }
    }

    @Override
    boolean isLive() {
        return phase != Phase.DOWN;
    }

    @Override
    boolean hasAbandoned() {
        return abandonedBelow > 0;
    }

    @Override
    List<Incarnation> abandonedNow() {
        return List.of();
    }

    @Override
    @Nullable
    Consumer<TreeEvent> listener() {
        return listener;
    }
}
