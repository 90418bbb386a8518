package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on the thread that asked for it. Where nobody but the task had a say in how it ended, its frame is used again
 * by the next one on that thread, so that a call which goes well allocates nothing; contexts tell the uses apart by a
 * number.
 *
 * <p>The owning thread writes everything but {@code cancelled} and the commit, before it enters the frame; others read
 * it under the claim, or check the use before and after.
 */
final class AttemptFrame extends Frame {

    private static final VarHandle USE;

    static {
        try {
            USE = MethodHandles.lookup().findVarHandle(AttemptFrame.class, "use", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Made for the first use that has any, and kept from then on. */
    private @Nullable Limits limits;

    /** How the first attempt of the same execution has failed, if another followed. The owner's alone. */
    private @Nullable Throwable firstFailure;

    /** All such failures, where there are several; kept from one use to the next, unless it goes on with the execution. */
    private @Nullable EarlierFailures failures;

    private Engine engine;
    private @Nullable RunContext run;

    /**
     * By which rules it was last a plain attempt: while they are the same, so are its engine and the limits it has. Known until
     * the thread's next plain call, be they replaced meanwhile.
     */
    private @Nullable Rules plainBy;

    /** What the task sees; replaced once somebody knows it. */
    private AttemptContext context = new AttemptContext(this);

    /** Which use this is; changed by the owner when one is over. It may wrap: no context lives for 2^32 calls. */
    private int use;

    /** Why its thread was interrupted. Written under the claim, read by the owner after the handshake. */
    private EndReason reason = EndReason.NONE;

    /** Publishes a cancel of this attempt alone to those who look at the frame. */
    private volatile boolean cancelled;

    /** Whether one attempt is over, and the next has not begun. Written by the owner. */
    private boolean resting;

    /** When the wait between them is over. The owner's alone. */
    private long restsUntil;

    /** Publishes that the attempt has begun to deliver. */
    private volatile boolean committed;

    /** The thread it belongs to. */
    private final Thread owner = Thread.currentThread();

    AttemptFrame(Engine engine) {
        this.engine = engine;
    }

    /**
     * Called by the owner before the frame is entered; its limits are set after this. What is as it should be is left
     * alone: a reference that is written costs the collector's barrier, be it the same one.
     */
    void begin(Engine engine, @Nullable RunContext run, int attempt) {
        if (this.engine != engine) {
            this.engine = engine;
        }
        if (this.run != run) {
            this.run = run;
        }
        if (!context.beginsUse(use, run, attempt)) {
            context = new AttemptContext(this);
            context.beginsUse(use, run, attempt);
        }
        if (limits != null) {
            limits.clear();
        }
        if (reason != EndReason.NONE) {
            reason = EndReason.NONE;
        }
        if (cancelled) {
            cancelled = false;
        }
        if (committed) {
            committed = false;
        }
        resting = false;
    }

    /**
     * As {@link #begin}, for the first attempt of an execution that is part of no other. After one like it that nobody took
     * notice of there is nothing to do, which is what most calls find.
     */
    void beginPlainly(Rules rules) {
        if (!isPristine() || plainBy != rules || context.isKnown()) {
            // A context that was asked after its call was over must not take the next one for its own.
            endUse();
            begin(rules.engine(), null, 1);
            plainBy = rules;
            becomePristine();
        }
    }

    /** Called by the owner at the end of an execution: contexts of this use are over, and the frame is free for another. */
    void retire() {
        endUse();
        forgetFailures();
        touch();
        if (run != null) {
            // The frame lives as long as its thread, and must not keep an ended execution for that long.
            run = null;
            context = new AttemptContext(this);
        }
    }

    /** As {@link #retire}, after a plain execution that succeeded at once. */
    void retirePlainly() {
        if (!isPristine() || context.isKnown()) {
            retire();
        }
    }

    /**
     * Called by the owner after a failure, before it has left the frame: goes on to the next attempt of the execution, so
     * that there is no moment at which nobody finds it. The context of the attempt that failed is cancelled from here on.
     *
     * @param failure what it has thrown
     * @param now the time; not looked at where the rules set no limit
     * @return whether it did; if not, somebody has a say in how the attempt ended, or is about to
     */
    boolean tryNext(Throwable failure, int attempt, Rules rules, long now) {
        // Made before anybody is held off: it may fail for want of memory.
        AttemptContext following = new AttemptContext(this);
        if (!holdsUndisturbed()) {
            return false;
        }
        try {
            follow(following, failure, attempt);
            limitAttempt(rules, now);
        } finally {
            letGo();
        }
        return true;
    }

    /** In the place of the attempt that has failed stands the next one. Under the claim. */
    private void follow(AttemptContext following, Throwable failure, int attempt) {
        add(failure);
        context.leave();
        endUse();
        following.beginsUse(use, null, attempt);
        context = following;
    }

    /**
     * As {@link #tryNext}, where the next attempt begins after a wait only, and in another frame ({@link #goOnFrom}): nobody
     * interrupts this one any more.
     *
     * @param until when the wait is to be over
     */
    boolean tryRest(Throwable failure, long until) {
        if (!holdsUndisturbed()) {
            return false;
        }
        try {
            add(failure);
            context.leaveForGood();
            endUse();
            restsUntil = until;
            resting = true;
        } finally {
            letGo();
        }
        return true;
    }

    /** Called by the owner before the frame is entered, or under the claim: the timeout of these rules begins. */
    void limitAttempt(Rules rules, long now) {
        if (rules.hasAttemptTimeout()) {
            limitsToSet().timeoutAt(now + rules.attemptTimeout());
        }
    }

    /**
     * Called by the owner before the frame is entered: begins with the attempt that follows on a wait.
     *
     * @param failure of the attempt before
     * @param several that failure and all before it, where there are several
     * @param until when the wait was to be over
     */
    void goOnFrom(Rules rules, int attempt, Throwable failure, @Nullable EarlierFailures several, long until) {
        begin(rules.engine(), null, attempt);
        restsUntil = until;
        if (several == null) {
            firstFailure = failure;
        } else {
            failures = several;
        }
    }

    /** Called by the owner: the attempt is not to begin, at least not yet. */
    void rest() {
        resting = true;
    }

    /** Called by the owner: when the wait between two attempts is over. */
    long restsUntil() {
        return restsUntil;
    }

    /** Called by any thread: whether it stands between two attempts. */
    boolean isResting() {
        return resting;
    }

    /**
     * Called by the owner after a failure, before it has left the frame, if that is to be the end.
     *
     * @return whether nobody but the task has a say in how the attempt ended
     */
    boolean tryEnd() {
        if (!holdsUndisturbed()) {
            return false;
        }
        context.leave();
        // Whatever becomes of the end: the next call is not to find this one's.
        touch();
        letGo();
        return true;
    }

    private boolean holdsUndisturbed() {
        if (!tryHold()) {
            return false;
        }
        boolean undisturbed = !cancelled && !committed;
        if (!undisturbed) {
            letGo();
        }
        return undisturbed;
    }

    private void endUse() {
        USE.setRelease(this, use + 1);
        // Nobody may see anything of the next use before this: see isUse.
        VarHandle.storeStoreFence();
    }

    /** Called by the owner after the handshake: why we interrupted it, if we did. */
    EndReason reason() {
        return reason;
    }

    /** Called by the owner: the last failure that another attempt has followed or is to follow, or null. */
    @Nullable
    Throwable lastFailure() {
        EarlierFailures several = severalFailures();
        return several == null ? firstFailure : several.last();
    }

    /** Called by the owner: all such failures, where there are several, or null. */
    @Nullable
    EarlierFailures severalFailures() {
        EarlierFailures some = failures;
        return some == null || some.isEmpty() ? null : some;
    }

    /** Called by the owner: as {@link #severalFailures}; the frame has none of them any longer, nor a single one. */
    @Nullable
    EarlierFailures takeFailures() {
        EarlierFailures several = severalFailures();
        firstFailure = null;
        if (several != null) {
            failures = null;
        }
        return several;
    }

    private void add(Throwable failure) {
        Throwable first = firstFailure;
        EarlierFailures some = failures;
        if (first == null && severalFailures() == null) {
            firstFailure = failure;
            return;
        }
        if (some == null) {
            some = new EarlierFailures();
            failures = some;
        }
        if (first != null) {
            some.add(first);
            firstFailure = null;
        }
        some.add(failure);
    }

    private void forgetFailures() {
        firstFailure = null;
        if (failures != null) {
            failures.clear();
        }
    }

    /** Its limits, to be read. */
    Limits limits() {
        Limits some = limits;
        return some == null ? Limits.NONE : some;
    }

    /** Called by the owner, before the frame is entered or under the claim: its limits, to be changed. */
    Limits limitsToSet() {
        Limits some = limits;
        if (some == null) {
            some = new Limits();
            limits = some;
        }
        return some;
    }

    boolean isCommitted() {
        return committed;
    }

    /** {@inheritDoc} Whoever asks for it may keep it, so it serves this attempt alone from here on. */
    @Override
    public ExecutionContext context() {
        return context.bind();
    }

    /** What is handed to the task, which may never look at it. */
    ExecutionContext contextForTask() {
        return context;
    }

    /** Asked after reading anything else of the frame: whether what was read is about this use. */
    boolean isUse(int number) {
        VarHandle.loadLoadFence();
        return (int) USE.getAcquire(this) == number;
    }

    /**
     * Called by a context whenever it is asked something: asked by the task itself, it may be asked by others soon, and a
     * cancel of theirs is quicker where the frame is guarded already.
     */
    void asked() {
        if (Thread.currentThread() == owner) {
            guardByOwner();
        }
    }

    void cancel(int number) {
        boolean asked = whileRunning(owner, () -> {
            if (isUse(number)) {
                cancelled = true;
            }
        });
        if (asked) {
            Lookout.lookAtAll();
        }
    }

    void commit(int number) {
        whileRunning(owner, () -> {
            if (isUse(number)) {
                committed = true;
                limits().commit();
            }
        });
    }

    /** Whether the attempt itself was cancelled. */
    boolean wasCancelledItself() {
        return cancelled;
    }

    /** Whether the attempt was cancelled, by itself or from above. */
    boolean wasCancelled() {
        // Read once: the owner may retire the frame while another thread looks at it.
        RunContext execution = run;
        return cancelled || execution != null && execution.isUnwanted();
    }

    /** Whether the attempt, if it runs, is to end without success. */
    boolean isUnwanted() {
        return wasCancelled() || isRunning() && (isInterrupted() || limits().passed(time()) != EndReason.NONE);
    }

    /** Called by the owner before it leaves the frame: the attempt has failed, and its context is cancelled for good. */
    void failed() {
        context.leave();
    }

    Optional<Duration> remaining() {
        return limits().remaining(time());
    }

    TimeSource time() {
        return engine.time();
    }

    Engine engine() {
        return engine;
    }

    /** Why it should not even begin; its own timeout is no reason for that. */
    EndReason whyUnwanted() {
        EndReason due = limits().whyDue(cancelled, run, engine);
        return due == EndReason.ATTEMPT_TIMEOUT ? EndReason.NONE : due;
    }

    /** {@inheritDoc} Only a frame without limits is entered lightly, by an execution that is part of no other. */
    @Override
    protected boolean mayBeDue() {
        return cancelled || engine.isInterrupting();
    }

    @Override
    protected boolean isDue() {
        reason = resting ? EndReason.NONE : limits().whyDue(cancelled, run, engine);
        return reason != EndReason.NONE;
    }

    @Override
    protected @Nullable Long nextDue() {
        return resting ? null : limits().nearest();
    }

    @Override
    protected Watchdog watchdog() {
        return engine.watchdog();
    }
}
