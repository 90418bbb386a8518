package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.admission.Waiter;
import io.grip.supervisor.execution.AbandonedThread;
import io.grip.supervisor.execution.AsyncTask;
import io.grip.supervisor.execution.CallerThreadRunner;
import io.grip.supervisor.execution.ContextCarrier;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.execution.Task;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.hook.Tracing;
import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.thread.Frame;
import io.grip.supervisor.thread.Lookout;
import io.grip.supervisor.thread.ThreadSlot;
import io.grip.supervisor.thread.Watchdog;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a supervisor is inside: its parts, and the ways into an execution. Safe for use by any thread. */
public final class Engine implements Lookout.Listener {

    private final EngineSettings settings;
    private final Observers observers;
    private final Watchdog watchdog;
    private final Abandoned abandoned;
    private final AsyncRuns asyncRuns = new AsyncRuns();
    private final Lifecycle lifecycle;
    private final boolean ownThread;
    private final boolean callersThread;
    private final boolean untraced;

    /** Stands for each plain call that waits between two attempts. */
    private final RestFrame resting = new RestFrame(this);

    /** What ends the waits of plain calls; made once, since each of them has it at hand while it waits. */
    private final BooleanSupplier isShuttingDown = this::isShuttingDown;

    /** Guards the order of updates; never held while anybody else's code runs. */
    private final Object updating = new Object();

    /** Made with the first limit and kept for good, so that what is out counts under every later limit. */
    private @Nullable Permits everyPermit;

    /** The last one there was, kept so that one which comes back has what it had. */
    private @Nullable Budget lastBudget;

    /** Publishes the policy in force: whoever begins reads it once, and keeps what it has read. */
    private volatile Rules rules;

    /** An engine with these parts. */
    public Engine(EngineSettings settings) {
        this.settings = settings;
        this.watchdog = Watchdog.of(settings.time());
        this.abandoned = new Abandoned(settings.time());
        this.ownThread = settings.runner() == ExecutorRunner.ownThread();
        this.callersThread = settings.runner() == ExecutorRunner.callerThread();
        this.untraced = settings.tracing() == Tracing.none();
        this.rules = rulesOf(settings.policy(), new ArrayList<>(0));
        this.lifecycle = new Lifecycle(this, settings.grace());
        this.observers = new Observers(
                settings.name(), settings.hooks(), settings.telemetry().apply(new EngineReadings(this)));
        Lookout.join(this);
    }

    // ---------------------------------------------------------------- ways in

    /**
     * Runs a task on this thread, and returns its value or throws its throwable. So short that any compiler makes it part of its
     * caller's code: it would lie on the stack of each of a hundred thousand calls that wait.
     */
    public <T extends @Nullable Object> T call(Task<T> task) throws Exception {
        ThreadSlot slot = ThreadSlot.current();
        Rules plain = rulesIfPlain(slot);
        return plain == null ? callAtLength(slot, task) : callPlainly(plain, slot, task, isObserved());
    }

    /** The rules in force, for a call that is nested in nothing and whose success nobody wants to hear of; null for others. */
    private @Nullable Rules rulesIfPlain(ThreadSlot slot) {
        Rules now = rules;
        boolean plain = now.isPlain()
                && slot.isFree()
                && (observers.areNone() || observers.interest() != Hooks.Interest.EVERYTHING);
        return plain ? now : null;
    }

    /** Whether somebody wants to hear of failures, or of how long things take. */
    private boolean isObserved() {
        return !observers.areNone() && observers.areTimed();
    }

    private <T extends @Nullable Object> T callAtLength(ThreadSlot slot, Task<T> task) throws Exception {
        return call(slot, ExecutionContext.current(), Execution.of(name()), task);
    }

    /** As {@link #call(Task)}, for an execution of the caller's below a context of its choice. */
    public <T extends @Nullable Object> T call(ExecutionContext context, Execution execution, Task<T> task)
            throws Exception {
        return call(ThreadSlot.current(), context, execution, task);
    }

    /** Runs a task on this thread, and returns what came of it. */
    public <T extends @Nullable Object> Result<T> run(ExecutionContext context, Execution execution, Task<T> task) {
        ThreadSlot slot = ThreadSlot.current();
        Start start = Start.now(this, context, true);
        Progress<T> progress = new BlockingRun<>(this, slot, context, execution, task, start).run();
        if (progress.interruptedBy() == InterruptedBy.STRANGER) {
            Thread.currentThread().interrupt();
        }
        return progress.result();
    }

    /** Runs an asynchronous task; null for an execution that bears the name of the supervisor. */
    public <T extends @Nullable Object> CompletableFuture<Result<T>> runAsync(
            ExecutionContext context, @Nullable Execution execution, AsyncTask<T> task) {
        AsyncRun<T> run = new AsyncRun<>(context, execution, task, Start.now(this, context, true));
        asyncRuns.add(run);
        run.start();
        return run.future();
    }

    private <T extends @Nullable Object> T call(
            ThreadSlot slot, ExecutionContext context, Execution execution, Task<T> task) throws Exception {
        Start start = Start.now(this, context, observers.areTimed());
        return Outcomes.valueOf(new BlockingRun<>(this, slot, context, execution, task, start).run());
    }

    /**
     * The way that nearly every call takes: nobody wants to hear of success, nothing is nested, and each attempt is followed
     * by the end or by another one without anybody's having a say in it. It makes next to nothing, reads the clock only where
     * somebody sees the time, and leaves everything else to a {@link BlockingRun}, which goes on from wherever this one
     * stops.
     *
     * <p>Kept short, its parts in methods of their own, so that the compiler can make one piece of it and of the caller's
     * code: what the task throws at the end is then thrown through no frame of the stack that is the library's.
     *
     * @param observed whether somebody wants to hear of failures, or of how long things took
     */
    private <T extends @Nullable Object> T callPlainly(Rules rules, ThreadSlot slot, Task<T> task, boolean observed)
            throws Exception {
        AttemptFrame frame = baseOf(slot);
        long from = enterPlainly(rules, slot, frame, observed);
        Permits permits = rules.hasPermits() ? rules.permits() : null;
        long arrival = Permits.NOT_TAKEN;
        if (!lifecycle.isOpen()
                || permits != null && (arrival = permits.tryArriveAndTakeNear(slot.number())) == Permits.NOT_TAKEN) {
            return callAfterAll(slot, frame, task);
        }
        T value;
        int attempt = 1;
        while (true) {
            try {
                if (rules.hasLimit()) {
                    frame.limits().watchWith(watchdog);
                }
                value = CallerThreadRunner.instance().call(frame.contextForTask(), task);
                break;
            } catch (Throwable thrown) {
                AtOnce next = observed ? AtOnce.ASK : next(rules, slot, frame, thrown, attempt);
                if (next == AtOnce.END) {
                    throw Outcomes.<Exception>asUnchecked(thrown);
                }
                if (next == AtOnce.WAIT) {
                    // Whoever may wait here has no permit, which is said so that none is kept on the stack meanwhile.
                    permits = null;
                    arrival = Permits.NOT_TAKEN;
                    long until = frame.restsUntil();
                    EarlierFailures several = rest(slot, frame);
                    boolean over = waitUntil(slot, until);
                    frame = following(rules, slot, attempt, thrown, several, until, over);
                    next = frame.isResting() ? AtOnce.WAIT : AtOnce.RETRY;
                }
                if (next != AtOnce.RETRY) {
                    return Outcomes.valueOf(goOn(rules, slot, frame, task, from, observed)
                            .runOn(next, frame, attempt, thrown, permits, arrival));
                }
            }
            attempt = Progress.next(attempt);
        }
        leavePlainly(rules, slot, frame, attempt);
        if (observed) {
            tellSuccess(from);
        }
        executionEnded();
        return value;
    }

    /** Enters the frame for the first attempt, and returns when that was; 0 where nobody asks. */
    private long enterPlainly(Rules rules, ThreadSlot slot, AttemptFrame frame, boolean observed) {
        frame.beginPlainly(rules);
        boolean limited = rules.hasLimit();
        long from = observed || limited ? time().nanoTime() : 0;
        if (limited) {
            limit(frame, rules, from);
            if (rules.hasPermits()) {
                // Taking a permit is the atomic operation; what has to come after it is the look at the watchdog.
                slot.enterBaseBeforeAtomic(frame);
            } else {
                slot.enterBase(frame);
            }
        } else {
            slot.enterBaseLightly(frame);
        }
        return from;
    }

    /** The attempt was the last one, and has succeeded. */
    private static void leavePlainly(Rules rules, ThreadSlot slot, AttemptFrame frame, int attempt) {
        if (attempt != 1) {
            leaveAfterFailure(rules, slot, frame);
            return;
        }
        slot.leaveBase(frame);
        settle(rules, slot);
        frame.retirePlainly();
    }

    private void tellSuccess(long from) {
        if (observers.hasTelemetry()) {
            observers.succeededAtOnce(time().nanoTime() - from);
        }
    }

    private static void leaveAfterFailure(Rules rules, ThreadSlot slot, AttemptFrame frame) {
        slot.leave(frame);
        settle(rules, slot);
        frame.retire();
        putBy(slot, frame);
    }

    /** The base is there for the next call anyway. */
    private static void putBy(ThreadSlot slot, AttemptFrame frame) {
        if (frame != slot.base()) {
            slot.putSpare(frame);
        }
    }

    /** Nobody but the task has had a say in the execution: what its end means for others. */
    private static void settle(Rules rules, ThreadSlot slot) {
        if (rules.hasPermits()) {
            giveBack(rules, slot);
        }
        if (rules.hasBudget()) {
            earn(rules);
        }
    }

    /** Apart, so that the compiler need not know of permits where there are none. */
    private static void giveBack(Rules rules, ThreadSlot slot) {
        Objects.requireNonNull(rules.permits(), "the rules have permits").giveBackNear(slot.number());
    }

    /** Apart, so that the compiler need not know of budgets where there are none. */
    private static void earn(Rules rules) {
        Objects.requireNonNull(rules.budget(), "the rules have a budget").earn();
    }

    /**
     * What follows a failure without further ado. For a retry, the frame stands for the next attempt already; for a wait, it
     * knows how long. At the end, the execution is over, so that nothing is left for the caller but to throw.
     */
    private AtOnce next(Rules by, ThreadSlot slot, AttemptFrame frame, Throwable failure, int attempt) {
        AtOnce next = chooseNext(by, frame, failure, attempt);
        if (next == AtOnce.END) {
            leaveAfterFailure(by, slot, frame);
            executionEnded();
        }
        return next;
    }

    private AtOnce chooseNext(Rules by, AttemptFrame frame, Throwable failure, int attempt) {
        try {
            boolean retriesPlainly = by.retriesPlainly() && by == rules;
            AtOnce next =
                    AtOnce.after(failure, attempt, by, retriesPlainly, settings.parent() != null, settings.delayHint());
            long now = by.hasLimit() || next == AtOnce.WAIT ? time().nanoTime() : 0;
            boolean plain = next != AtOnce.ASK
                    && !Thread.currentThread().isInterrupted()
                    && lifecycle.isOpen()
                    && frame.limits().passedAt(now) == EndReason.NONE;
            boolean certain = plain
                    && switch (next) {
                        case RETRY -> frame.tryNext(failure, Progress.next(attempt), by, now);
                        case WAIT -> frame.tryRest(failure, now + delayAfter(attempt, by));
                        case END -> frame.tryEnd();
                        case ASK -> false;
                    };
            return certain ? next : AtOnce.ASK;
        } catch (Throwable unclear) {
            // Whoever is asked instead meets it again, and reports it.
            return AtOnce.ASK;
        }
    }

    private static long delayAfter(int attempt, Rules by) {
        // A thread's first number costs it a seed, and a virtual one has hardly use for a second.
        boolean isRandom = by.policy().retry().jitter() > 0;
        double draw = isRandom ? ThreadLocalRandom.current().nextDouble() : 0;
        return Decisions.delayOfRetry(by.policy(), attempt, draw);
    }

    /** A call that cannot begin without further ado. */
    private <T extends @Nullable Object> T callAfterAll(ThreadSlot slot, AttemptFrame frame, Task<T> task)
            throws Exception {
        slot.leaveBase(frame);
        return call(slot, ExecutionContext.background(), Execution.of(name()), task);
    }

    /** Lets go of the frame for a wait, and of all else that can be made anew: a million threads may wait. */
    private @Nullable EarlierFailures rest(ThreadSlot slot, AttemptFrame frame) {
        EarlierFailures several = frame.takeFailures();
        slot.rest(frame, resting);
        return several;
    }

    /** Whether it has come to its end, or somebody has ended it. */
    private boolean waitUntil(ThreadSlot slot, long until) {
        try {
            slot.awaitUntil(time(), until, isShuttingDown);
            return true;
        } catch (Throwable unclear) {
            // Whoever waits on meets it again, and reports it.
            return false;
        }
    }

    /**
     * The frame of the attempt after a wait, entered. It has begun; or it still rests, where the wait was ended early, or a longer
     * way has to see to what comes after it.
     *
     * @param attempt the number of the attempt before
     * @param failure of that one
     * @param several that failure and all before it, where there are several
     * @param until when the wait was to be over
     * @param over whether it is
     */
    private AttemptFrame following(
            Rules by,
            ThreadSlot slot,
            int attempt,
            Throwable failure,
            @Nullable EarlierFailures several,
            long until,
            boolean over) {
        AttemptFrame frame = newFollowing(by, slot, attempt, failure, several, until);
        boolean begins = over;
        if (by.hasLimit()) {
            begins &= isLimited(frame, by);
            slot.goOn(frame);
        } else {
            slot.goOnLightly(frame);
        }
        // The look at the lifecycle comes last: who closes from here on finds an attempt, and interrupts it.
        if (!begins || Thread.currentThread().isInterrupted() || by != rules || !lifecycle.isOpen()) {
            frame.rest();
        }
        return frame;
    }

    private boolean isLimited(AttemptFrame frame, Rules rules) {
        try {
            frame.limitAttempt(rules, time().nanoTime());
            return true;
        } catch (Throwable unclear) {
            // As before: it is met again.
            return false;
        }
    }

    /** Where it cannot be made, the execution is over. */
    private AttemptFrame newFollowing(
            Rules by, ThreadSlot slot, int attempt, Throwable failure, @Nullable EarlierFailures several, long until) {
        boolean made = false;
        try {
            AttemptFrame frame = frameFor(slot);
            frame.goOnFrom(by, Progress.next(attempt), failure, several, until);
            made = true;
            return frame;
        } finally {
            if (!made) {
                slot.endRest();
                executionEnded();
            }
        }
    }

    private static void limit(AttemptFrame frame, Rules rules, long from) {
        if (rules.hasDeadline()) {
            frame.limitsToSet().deadlineAt(from + rules.deadline());
        }
        if (rules.hasAttemptTimeout()) {
            frame.limitsToSet().timeoutAt(from + rules.attemptTimeout());
        }
    }

    /** What goes on after an attempt or in a wait; where it cannot be made, the frame and permit are seen to. */
    private <T extends @Nullable Object> BlockingRun<T> goOn(
            Rules rules, ThreadSlot slot, AttemptFrame frame, Task<T> task, long from, boolean observed) {
        BlockingRun<T> run = null;
        try {
            Start start = Start.at(rules, from, observed || rules.hasLimit());
            run = new BlockingRun<>(this, slot, ExecutionContext.background(), Execution.of(name()), task, start);
            return run;
        } finally {
            if (run == null) {
                frame.failed();
                slot.leave(frame);
                Permits permits = rules.permits();
                if (permits != null) {
                    permits.giveBack();
                }
                frame.retire();
                executionEnded();
            }
        }
    }

    // ---------------------------------------------------------------- the policy

    /** The policy in force. */
    public SupervisorPolicy policy() {
        return rules.policy();
    }

    /**
     * Puts another policy in force for what begins from now on. Who waits and has room under the new limit is served
     * before this returns.
     */
    public void update(SupervisorPolicy policy) {
        List<Waiter> served = new ArrayList<>();
        synchronized (updating) {
            rules = rulesOf(policy, served);
        }
        Permits.tell(served);
        observers.count(Telemetry::policyChanged);
    }

    /** The limit moves before the rules that name it are seen, so nobody enters by a limit that is not in force yet. */
    private Rules rulesOf(SupervisorPolicy policy, List<Waiter> served) {
        OptionalInt limit = policy.admission().maxConcurrency();
        if (everyPermit != null) {
            served.addAll(everyPermit.resizeUntold(limit.orElse(Permits.NO_LIMIT)));
        } else if (limit.isPresent()) {
            everyPermit = new Permits(limit.getAsInt());
        }
        return new Rules(
                this, policy, limit.isPresent() ? everyPermit : null, budgetOf(policy), callersThread && untraced);
    }

    private @Nullable Budget budgetOf(SupervisorPolicy policy) {
        RetryBudget wanted = policy.retryBudget();
        if (wanted.share().isEmpty()) {
            return null;
        }
        lastBudget = lastBudget == null ? Budget.of(wanted) : lastBudget.changedTo(wanted);
        return lastBudget;
    }

    // ---------------------------------------------------------------- lifecycle

    /** Ends all waits, and lets executions make one attempt from here on. */
    public void drain() {
        lifecycle.drain();
    }

    /** Undoes a drain. */
    public void resume() {
        lifecycle.resume();
    }

    /** Ends everything, and waits for that as long as the grace says. */
    public void close() {
        lifecycle.close();
    }

    /** As {@link #close}, of several at once and without waiting. */
    public static void beginClose(List<Engine> engines) {
        Lifecycle.beginClose(engines.stream().map(engine -> engine.lifecycle).toList());
    }

    /** Waits until nothing runs and nothing waits. */
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        return lifecycle.awaitIdle(timeout);
    }

    /** {@inheritDoc} The asynchronous runs that wait for something, or whose stage is out, are looked at. */
    @Override
    public void look() {
        asyncRuns.list().forEach(AsyncRun::look);
    }

    /** Whether it is closed, or about to be. */
    public boolean isClosed() {
        return lifecycle.isClosed();
    }

    /** Whether it drains or is closed. */
    public boolean isShuttingDown() {
        return !lifecycle.isOpen();
    }

    boolean isInterrupting() {
        return lifecycle.isInterrupting();
    }

    /** An execution on this thread is over. */
    void executionEnded() {
        lifecycle.executionEnded();
    }

    void ended(AsyncRun<?> run) {
        asyncRuns.remove(run);
        lifecycle.executionEnded();
    }

    // ---------------------------------------------------------------- what runs

    /** How many attempts are running. */
    public int inFlight() {
        int[] count = {0};
        ThreadSlot.forEachFrame(frame -> {
            if (isAttempt(frame)) {
                count[0]++;
            }
        });
        asyncRuns.list().forEach(run -> count[0] += run.isRunning() ? 1 : 0);
        return count[0];
    }

    private boolean isAttempt(Frame frame) {
        return frame.isRunning()
                && !(frame instanceof RunFrame)
                && !(frame instanceof AttemptFrame attempt && attempt.isResting())
                && !(ownThread && frame instanceof StageAttempt)
                && frame.context() instanceof Member member
                && member.engine() == this;
    }

    /** How many executions wait for a permit. */
    public int waiting() {
        Permits permits = rules.permits();
        return permits == null ? 0 : permits.waiting();
    }

    /** How many retries the budget has left; empty without one. */
    public OptionalInt retriesLeft() {
        Budget budget = rules.budget();
        return budget == null ? OptionalInt.empty() : OptionalInt.of(budget.available());
    }

    /** The threads that were left behind and live on. */
    public List<AbandonedThread> abandonedThreads() {
        return abandoned.list();
    }

    /** How many threads were left behind and live on. */
    int countAbandonedThreads() {
        return abandoned.count();
    }

    AsyncRuns asyncRuns() {
        return asyncRuns;
    }

    // ---------------------------------------------------------------- parts

    /** The name. */
    public String name() {
        return settings.name();
    }

    /** What is in force at this moment; read once by whoever goes by it. */
    Rules rules() {
        return rules;
    }

    Observers observers() {
        return observers;
    }

    /** What follows an execution that begins; null if nobody traces. */
    @Nullable
    Traced trace(Supplier<Execution> execution) {
        return untraced ? null : Traced.begin(settings.tracing(), observers, execution.get());
    }

    TimeSource time() {
        return settings.time();
    }

    Watchdog watchdog() {
        return watchdog;
    }

    /** What calls the tasks. */
    public ExecutorRunner runner() {
        return settings.runner();
    }

    Executor executor() {
        return settings.executor();
    }

    Abandoned abandoned() {
        return abandoned;
    }

    boolean runsOnOwnThread() {
        return ownThread;
    }

    boolean runsOnCallersThread() {
        return callersThread;
    }

    /** What the calling thread carries; nothing if the carrier fails, which is reported like a hook's failure. */
    ContextCarrier.Captured capture() {
        try {
            return Objects.requireNonNull(settings.carrier().capture(), "what the carrier has captured");
        } catch (Throwable thrown) {
            observers.failed("the context carrier", thrown);
            return ContextCarrier.Captured.NOTHING;
        }
    }

    Optional<Duration> hintOf(Throwable failure) {
        return Hints.of(failure, settings.delayHint());
    }

    /** The frame for attempts of plain calls on this thread. */
    private AttemptFrame baseOf(ThreadSlot slot) {
        if (slot.base() instanceof AttemptFrame base) {
            return base;
        }
        AttemptFrame made = new AttemptFrame(this);
        slot.putBase(made);
        return made;
    }

    /** A frame for another attempt on this thread: the one that was put by, or a new one. */
    AttemptFrame frameFor(ThreadSlot slot) {
        return slot.takeSpare() instanceof AttemptFrame spare ? spare : new AttemptFrame(this);
    }

    /**
     * Tells of a final failure that goes up: this supervisor's hooks hear it, then each parent's, for as long as the one
     * before wants it to go further.
     */
    void escalate(Execution execution, Result<?> result) {
        hearEscalation(execution, result);
        Engine above = settings.parent();
        while (above != null) {
            above.hearEscalation(execution, result);
            above = above.policy().shouldEscalate(result.failure(), true) ? above.settings.parent() : null;
        }
    }

    private void hearEscalation(Execution execution, Result<?> result) {
        observers.count(Telemetry::escalation);
        observers.tell(hooks -> hooks.onEscalate(execution, result));
    }
}
