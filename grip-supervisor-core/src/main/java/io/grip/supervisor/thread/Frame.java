package io.grip.supervisor.thread;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One supervised stretch of code on one thread, and the agreement on who may interrupt that thread meanwhile.
 *
 * <pre>{@code
 *   ENDED --enter--> RUNNING --look--> CLAIMED --due, and the thread's flag is clear--> INTERRUPTED
 *                    RUNNING <-------- CLAIMED   (not due, or the flag is set)
 *   ENDED <--leave-- RUNNING
 *   ENDED <--leave, which clears the thread's flag------------------------------------- INTERRUPTED
 *
 *   RUNNING <--whileRunning--> CLAIMED         INTERRUPTED <--whileRunning--> HELD
 *   RUNNING <--tryHold, letGo--> CLAIMED       by the owner
 * }</pre>
 *
 * <p>A frame that nobody is likely to interrupt is entered <em>lightly</em>: its state stays ENDED, and {@code light} says that
 * the owner is inside, which costs neither side of a call that goes well a fence. Whoever wants it after all, which is
 * rare, makes it an ordinary one first:
 *
 * <pre>{@code
 *   OUT --enterLightly--> IN --leave--> OUT              the state stays ENDED all along
 *                         IN <--tryHold, letGo--> BUSY   by the owner
 *                         IN --guardByOwner--> BUSY --> OUT, with the state RUNNING
 *   guard, by another thread: with IN found once the owner was stopped, the state becomes RUNNING
 * }</pre>
 *
 * <p>That other thread says first that it wants the frame, then stops the owner ({@link AsymmetricFence}), then looks
 * whether it is inside. The owner says first that it leaves, then looks whether somebody wants the frame. So either the
 * other sees that it has left, or the owner sees that it must wait, and leaves like everybody else. It waits spinning: to
 * queue for a lock would take its interrupt flag away for that while, and another might find it clear.
 *
 * <p><b>Assumes</b> that frames are entered and left in the manner of a stack, by the thread they belong to (but for those that
 * {@linkplain #standForGood stand for good}); that thread alone writes ENDED, and RUNNING on entry. <b>Guarantees</b> that an interrupt of ours lands only between entry and
 * leave: whoever wants to interrupt claims the frame first, decides while it holds the claim (so on the use that is
 * running now, however often the frame is used again), and the owner cannot leave a claimed frame. Whoever comes to a
 * claimed frame looks again once it is free: the one who claimed it may have decided before there was a reason to
 * interrupt. <b>Progress</b>: a claim is held for a few steps without a lock, a wait or any code of the user's; the owner
 * and other lookers spin meanwhile.
 *
 * <p>A foreign interrupt that lands between the look at the flag and ours merges with it: no JVM can tell them apart.
 */
public abstract class Frame {

    private static final VarHandle STATE;
    private static final VarHandle LIGHT;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Frame.class, "state", int.class);
            LIGHT = MethodHandles.lookup().findVarHandle(Frame.class, "light", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int ENDED = 0;
    private static final int RUNNING = 1;
    private static final int CLAIMED = 2;
    private static final int INTERRUPTED = 3;
    private static final int HELD = 4;

    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int BUSY = 2;

    private static final int UNWANTED = 0;
    private static final int WANTED = 1;
    private static final int GUARDED = 2;

    /** Held by another thread that makes a light frame an ordinary one: one at a time. */
    private static final ReentrantLock GUARDING = new ReentrantLock();

    /** Publishes who may interrupt; see the diagram. */
    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    /** Whether the owner is inside lightly; written by the owner alone. */
    @SuppressWarnings("unused") // through LIGHT
    private int light;

    /**
     * Whether nothing but uses as a base has happened to it, and nobody has interrupted it or wanted it, since the owner
     * said so. The owner's alone.
     */
    private boolean pristine;

    /**
     * Publishes to the owner of a light frame that another thread wants it, or has guarded it. Written by that one under
     * {@link #GUARDING}, and by the owner that leaves a guarded frame, before anybody can guard it again. UNWANTED at first,
     * without an initializer, which would cost each new frame the fence of a volatile.
     */
    private volatile int wanted;

    /** The frame around this one on the same thread; written by the owner before the frame is published. */
    private @Nullable Frame outer;

    /** What {@code ExecutionContext.current()} is inside this frame; typed by the level above. */
    public abstract Object context();

    /** Whether {@link #isDue} may be true; asked without the claim, by those who come to a light frame. */
    protected boolean mayBeDue() {
        return true;
    }

    /** Whether somebody should interrupt this frame now. Called under the claim: quick, no lock, no user code. */
    protected abstract boolean isDue();

    /** The next point in time at which {@link #isDue} may turn true by itself, or null if it never will. */
    protected abstract @Nullable Long nextDue();

    /** The watchdog that looks at this frame, and whose clock {@link #nextDue} goes by. */
    protected abstract Watchdog watchdog();

    /** The frame around this one, or null. */
    public final @Nullable Frame outer() {
        return outer;
    }

    /** Called by the owner: the frame is in use from here on. */
    final void enter(@Nullable Frame around) {
        pristine = false;
        if (outer != around) {
            outer = around;
        }
        // Whoever still knows the frame from an earlier use, and so does not come by the slot, sees this use whole too.
        STATE.setRelease(this, RUNNING);
    }

    /** Called by the owner of a frame that never lies on another: as {@link #enter}. */
    final void enterAsBase() {
        STATE.setRelease(this, RUNNING);
    }

    /** Called by the owner of a frame that never lies on another: as {@link #enter}, lightly. */
    final void enterLightly() {
        LIGHT.setRelease(this, IN);
    }

    /** Called by the owner of a frame that lies on no other this time: as {@link #enter}, lightly. */
    final void enterLightlyAlone() {
        pristine = false;
        outer = null;
        LIGHT.setRelease(this, IN);
    }

    /** For a frame that any number of threads lie in at once, and nobody ever interrupts: it is in use for good. */
    protected final void standForGood() {
        LIGHT.setRelease(this, IN);
    }

    /**
     * Called by the owner: ends the frame. If we interrupted its thread, the flag is cleared, unless an outer frame was
     * interrupted too and is owed it.
     *
     * @return whether we had interrupted the thread
     */
    final boolean leave() {
        return light != OUT ? leaveLightly() : leaveGuarded();
    }

    private boolean leaveLightly() {
        LIGHT.setRelease(this, OUT);
        AsymmetricFence.light();
        return wanted != UNWANTED && leaveWanted();
    }

    private boolean leaveWanted() {
        pristine = false;
        if (!isGuarded()) {
            // Whoever wanted it came too late.
            return false;
        }
        wanted = UNWANTED;
        return leaveGuarded();
    }

    /** Called by the owner where somebody wants the frame: whether it was guarded, once that is decided. */
    private boolean isGuarded() {
        for (int spins = 0; wanted == WANTED; spins++) {
            pause(spins);
        }
        return wanted == GUARDED;
    }

    private boolean leaveGuarded() {
        if (STATE.compareAndSet(this, RUNNING, ENDED)) {
            return false;
        }
        pristine = false;
        int seen = settled();
        while (!STATE.compareAndSet(this, seen, ENDED)) {
            seen = settled();
        }
        if (seen == RUNNING) {
            return false;
        }
        Thread.interrupted();
        if (outerInterrupted()) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** Called by the owner: whether it has only been a base, and nobody else's concern, since it became pristine. */
    protected final boolean isPristine() {
        return pristine;
    }

    /** Called by the owner. */
    protected final void becomePristine() {
        pristine = true;
    }

    /** Called by the owner: it is no longer pristine. */
    protected final void touch() {
        pristine = false;
    }

    /** Called by the owner: whether we interrupted its thread for the sake of a frame around this one. */
    public final boolean outerInterrupted() {
        for (Frame frame = outer; frame != null; frame = frame.outer) {
            if (frame.settled() == INTERRUPTED) {
                return true;
            }
        }
        return false;
    }

    /** Called by any thread: whether we have interrupted this frame's thread in its present use. */
    protected final boolean isInterrupted() {
        return (int) STATE.getVolatile(this) >= INTERRUPTED;
    }

    /** Called by any thread: whether the frame is in use. */
    public final boolean isRunning() {
        // In this order: where the owner guards it, the state is set before the use is over.
        return isLight() || (int) STATE.getVolatile(this) != ENDED;
    }

    private boolean isLight() {
        return (int) LIGHT.getAcquire(this) != OUT;
    }

    /** Called by the owner: from here on the frame is an ordinary one, because it may be interrupted. */
    protected final void guardByOwner() {
        if (light != IN) {
            return;
        }
        pristine = false;
        if (tryBeBusy()) {
            STATE.setRelease(this, RUNNING);
            LIGHT.setRelease(this, OUT);
        }
    }

    /** Called by the owner inside a light frame: makes others wait for a few steps; false if one of them has guarded it. */
    private boolean tryBeBusy() {
        do {
            LIGHT.setRelease(this, BUSY);
            AsymmetricFence.light();
            if (wanted == UNWANTED) {
                return true;
            }
            LIGHT.setRelease(this, IN);
        } while (!isGuarded());
        return false;
    }

    /** Called by any thread: makes a light frame an ordinary one, unless its use ends before. */
    private void guard(Thread owner) {
        if (!isLight()) {
            return;
        }
        GUARDING.lock();
        try {
            if ((int) STATE.getVolatile(this) == ENDED) {
                guardFirst(owner);
            }
        } finally {
            GUARDING.unlock();
        }
    }

    private void guardFirst(Thread owner) {
        boolean inside = false;
        wanted = WANTED;
        try {
            AsymmetricFence.heavy(owner);
            inside = settledLight() == IN;
        } finally {
            if (inside) {
                STATE.setVolatile(this, RUNNING);
            }
            wanted = inside ? GUARDED : UNWANTED;
        }
    }

    private int settledLight() {
        int seen = (int) LIGHT.getVolatile(this);
        for (int spins = 0; seen == BUSY; spins++) {
            pause(spins);
            seen = (int) LIGHT.getVolatile(this);
        }
        return seen;
    }

    /**
     * Called by any thread: interrupts the frame's thread if that is due and its flag is clear. Where the next look at
     * it is due by time, the watchdog is told.
     */
    final void look(Thread thread) {
        if (isLight()) {
            if (!mayBeDue()) {
                return;
            }
            guard(thread);
        }
        while (!STATE.compareAndSet(this, RUNNING, CLAIMED)) {
            if (settled() != RUNNING) {
                return;
            }
        }
        int next = RUNNING;
        Long again = null;
        try {
            if (!isDue()) {
                again = nextDue();
            } else if (thread.isInterrupted()) {
                again = watchdog().time().nanoTime() + Watchdog.TICK;
            } else {
                thread.interrupt();
                next = INTERRUPTED;
            }
        } finally {
            STATE.setVolatile(this, next);
        }
        if (again != null) {
            watchdog().watch(again);
        }
    }

    /**
     * Called by any thread: does something to the frame while it can neither end nor be interrupted, be it that it was
     * interrupted before.
     *
     * @param owner the thread it belongs to
     * @return whether it was in use, so that the action took place
     */
    protected final boolean whileRunning(Thread owner, Runnable action) {
        guard(owner);
        int seen = settled();
        while (seen != ENDED) {
            if (STATE.compareAndSet(this, seen, seen == RUNNING ? CLAIMED : HELD)) {
                try {
                    action.run();
                } finally {
                    STATE.setVolatile(this, seen);
                }
                return true;
            }
            seen = settled();
        }
        return false;
    }

    /**
     * Called by the owner, who lets go again with {@link #letGo} in a few steps: holds off everybody else.
     *
     * @return whether it was running and nobody else held it
     */
    protected final boolean tryHold() {
        if (light == IN && tryBeBusy()) {
            return true;
        }
        return STATE.compareAndSet(this, RUNNING, CLAIMED);
    }

    /** Called by the owner who holds it: it runs on. */
    protected final void letGo() {
        if (light == BUSY) {
            LIGHT.setRelease(this, IN);
        } else {
            STATE.setVolatile(this, RUNNING);
        }
    }

    /** The state once nobody holds the claim: ENDED, RUNNING or INTERRUPTED. */
    private int settled() {
        int seen = (int) STATE.getVolatile(this);
        for (int spins = 0; seen == CLAIMED || seen == HELD; spins++) {
            pause(spins);
            seen = (int) STATE.getVolatile(this);
        }
        return seen;
    }

    private static void pause(int spins) {
        if (spins < 100) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
