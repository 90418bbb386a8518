package io.grip.supervisor.tree;

import io.grip.supervisor.time.Nanos;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One life of a worker, on a thread that is its child's alone; also the context that the worker sees.
 *
 * <pre>{@code
 *   LIVE --asked to stop--> STOP_ASKED --grace over--> INTERRUPTED --ladder exhausted--> ABANDONED
 *     '--------------------------'--------- its thread ends ----'--------------------------'----> ENDED
 * }</pre>
 *
 * <p>The fields without a remark belong to the tree's owner, as those of its {@link Node} do. The worker's calls may come
 * from any thread and never block.
 */
final class Incarnation implements WorkerContext {

    /** Between two interrupts of a worker that swallows them. */
    static final long AGAIN = 1_000_000_000L;

    /** The least an incarnation gets between being interrupted and being given up on, however late it is. */
    static final long MARGIN = 100_000_000L;

    /** How long a classifier of the user's may take. */
    private static final long JUDGE_WITHIN = 1_000_000_000L;

    private static final long NO_BEAT_EXPECTED = Long.MIN_VALUE;

    enum Phase {
        LIVE,
        STOP_ASKED,
        INTERRUPTED,
        ABANDONED,
        ENDED
    }

    final WorkerNode node;
    private final long generation;

    Phase phase = Phase.LIVE;
    Launcher.@Nullable Handle thread;

    /** Whether its one outcome, stopped or failed, has been told. */
    boolean reported;

    boolean judging;
    private long interruptAt;
    private long abandonAt;
    private TimeSource.@Nullable Timer timer;
    private int arming;

    /** Set when it is abandoned, before it is published. */
    List<StackTraceElement> stack = List.of();

    long abandonedAt;

    /** Written by its own thread before it submits its end. */
    @Nullable
    Throwable thrown;

    Verdict verdict = Verdict.RESTART;

    @Nullable
    Throwable classifierFailure;

    /** Whether its thread could go on with the next incarnation; written by that thread before it submits its end. */
    boolean lendsThread;

    /** Its own thread, written by that alone; compared with the current one, so no other reader can be wrong. */
    @Nullable
    Thread runner;

    /** Publishes to the worker that it should end. */
    private volatile boolean stopRequested;

    /** Publishes to the worker that it has been given up on. */
    private volatile boolean fenced;

    /** Publishes to the owner until when no heartbeat is missed: a point in time, or that none is expected. */
    private volatile long beatBy;

    /** Guarded by this. */
    private @Nullable List<AutoCloseable> closeables;

    /** Guarded by this. */
    private boolean forced;

    Incarnation(WorkerNode node, long generation) {
        this.node = node;
        this.generation = generation;
    }

    // ---- its own thread

    void enter() {
        node.tree.owner.submit(new Command.Entered(this));
    }

    /** The calling thread is its own from now on. Returns what it is to run, so that no frame of ours need stay below that. */
    Worker begin() {
        runner = Thread.currentThread();
        return node.spec.worker();
    }

    /** The last it does: judges what was thrown, which may take code of the user's, and tells the owner. */
    void end(@Nullable Throwable thrown) {
        judgeEnd(thrown);
        node.tree.owner.submit(new Command.Ended(this));
    }

    /**
     * As {@link #end}, by a thread that could go on with the child's next incarnation: if that begins at once, the thread
     * has it by then. Where none can come at once the thread is not held up.
     *
     * @param inTurn whether others go first who wait to tell of their end
     */
    void endOrGoOn(@Nullable Throwable thrown, boolean inTurn) {
        if (stopRequested || !node.mayRestartAtOnce()) {
            end(thrown);
            return;
        }
        judgeEnd(thrown);
        lendsThread = true;
        Command.Ended ended = new Command.Ended(this);
        if (!node.mayRestartBesideOthers() || !node.tree.owner.applyBeside(ended, inTurn)) {
            node.tree.owner.applyHere(ended, inTurn);
        }
    }

    private void judgeEnd(@Nullable Throwable thrown) {
        this.thrown = thrown;
        if (thrown != null) {
            verdict = judge(thrown);
        }
    }

    private Verdict judge(Throwable thrown) {
        FailureClassifier classifier = node.spec.classifier();
        verdict = FailureClassifier.defaults().verdict(thrown);
        if (classifier == FailureClassifier.defaults()) {
            return verdict;
        }
        if (!TypeVerdicts.isOwn(classifier)) {
            node.tree.owner.submit(new Command.Judging(this));
        }
        try {
            return Checks.notNull("the verdict of the classifier", classifier.verdict(thrown));
        } catch (Throwable broken) {
            classifierFailure = broken;
            return verdict;
        }
    }

    // ---- what the worker calls

    @Override
    public void ready() {
        if (node.spec.start().awaitReady()) {
            node.tree.owner.submit(new Command.IsReady(this));
        }
    }

    @Override
    public void heartbeat() {
        node.spec.heartbeat().ifPresent(this::expectBeatWithin);
    }

    @Override
    public void extend(Duration span) {
        Checks.positive("span", span);
        if (node.spec.heartbeat().isPresent()) {
            expectBeatWithin(span);
        }
    }

    @Override
    public void idle() {
        beatBy = NO_BEAT_EXPECTED;
    }

    @Override
    public boolean stopRequested() {
        return stopRequested;
    }

    @Override
    public void onForceStop(AutoCloseable closeable) {
        synchronized (this) {
            if (!forced) {
                if (closeables == null) {
                    closeables = new ArrayList<>(1);
                }
                closeables.add(closeable);
                return;
            }
        }
        close(closeable);
    }

    @Override
    public boolean isCurrent() {
        return !fenced;
    }

    @Override
    public long generation() {
        return generation;
    }

    /** Called by its thread: for how long it may tell nothing, in nanoseconds, without being taken for one that hangs. */
    long longestSilence() {
        Duration start = node.spec.start().timeout();
        Duration heartbeat = node.spec.heartbeat().orElse(start);
        return Nanos.of(start.compareTo(heartbeat) < 0 ? start : heartbeat) / 4;
    }

    private void expectBeatWithin(Duration span) {
        long by = Nanos.after(node.tree.time.nanoTime(), span);
        beatBy = by == NO_BEAT_EXPECTED ? by + 1 : by;
    }

    // ---- the owner

    /** It is up: from now on its heartbeat is expected, where the spec says so. */
    void watch() {
        node.spec.heartbeat().ifPresent(span -> {
            expectBeatWithin(span);
            arm(beatBy);
        });
    }

    /** The ladder begins, or goes on with less time. */
    void stop(long deadline) {
        long now = node.tree.time.nanoTime();
        switch (phase) {
            case LIVE -> ask(now, deadline);
            case STOP_ASKED, INTERRUPTED -> hurry(now, deadline);
            case ABANDONED, ENDED -> {}
        }
    }

    /** Given up on: what it says and does from now on is no longer the child's. */
    void fence() {
        fenced = true;
    }

    private void ask(long now, long deadline) {
        StopRules rules = node.spec.stop();
        phase = Phase.STOP_ASKED;
        stopRequested = true;
        if (thread != null) {
            thread.wake();
        }
        interruptAt = Nanos.after(now, rules.grace());
        abandonAt = Nanos.after(now, rules.abandonAfter());
        rules.onStop().ifPresent(action -> node.tree.hook(node, "onStop", action::run));
        tighten(now, deadline);
        step(now);
    }

    /** The next step is left to the timer, even where it is due: whoever stops a child expects it to end later. */
    private void hurry(long now, long deadline) {
        if (tighten(now, deadline)) {
            arm(phase == Phase.STOP_ASKED ? interruptAt : Nanos.earlier(now + AGAIN, abandonAt));
        }
    }

    /** Where the deadline leaves less than the rules would, half of what is left is grace. Returns whether it does. */
    private boolean tighten(long now, long deadline) {
        long limit = Nanos.isBefore(deadline, now + MARGIN) ? now + MARGIN : deadline;
        if (!Nanos.isBefore(limit, abandonAt)) {
            return false;
        }
        abandonAt = limit;
        interruptAt = Nanos.earlier(interruptAt, now + (abandonAt - now) / 2);
        return true;
    }

    private void step(long now) {
        if (phase == Phase.STOP_ASKED) {
            if (Nanos.isBefore(now, interruptAt)) {
                arm(interruptAt);
                return;
            }
            phase = Phase.INTERRUPTED;
            if (Nanos.isBefore(abandonAt, now + MARGIN)) {
                abandonAt = now + MARGIN;
            }
            interrupt();
            forceClose();
            arm(Nanos.earlier(now + AGAIN, abandonAt));
        } else if (Nanos.isBefore(now, abandonAt)) {
            interrupt();
            arm(Nanos.earlier(now + AGAIN, abandonAt));
        } else {
            disarm();
            stack = currentStack();
            abandonedAt = now;
            phase = Phase.ABANDONED;
            fence();
            node.abandoned(this);
        }
    }

    List<StackTraceElement> currentStack() {
        return thread == null ? List.of() : thread.stack();
    }

    private void interrupt() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void forceClose() {
        List<AutoCloseable> all;
        synchronized (this) {
            forced = true;
            all = closeables == null ? List.of() : closeables;
            closeables = null;
        }
        all.forEach(this::close);
    }

    private void close(AutoCloseable closeable) {
        node.tree.hook(node, "onForceStop", closeable::close);
    }

    /** The user's classifier has been called: it has so long. */
    void judging() {
        judging = true;
        arm(node.tree.time.nanoTime() + JUDGE_WITHIN);
    }

    void arm(long at) {
        disarm();
        int mine = arming;
        timer = node.tree.time.schedule(at, () -> node.tree.owner.submit(new Command.IncarnationDue(this, mine)));
    }

    void disarm() {
        arming++;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    void due(int armed) {
        if (armed != arming) {
            return;
        }
        timer = null;
        long now = node.tree.time.nanoTime();
        switch (phase) {
            case LIVE -> dueWhileLive(now);
            case STOP_ASKED, INTERRUPTED -> step(now);
            case ABANDONED, ENDED -> {}
        }
    }

    private void dueWhileLive(long now) {
        if (judging || node.state == ChildState.STARTING) {
            node.overdue(this);
            return;
        }
        long by = beatBy;
        if (by == NO_BEAT_EXPECTED) {
            // The next look comes after the span that the next heartbeat would start.
            arm(Nanos.after(now, node.spec.heartbeat().orElseThrow()));
        } else if (Nanos.isBefore(now, by)) {
            arm(by);
        } else {
            node.hung(this);
        }
    }
}
