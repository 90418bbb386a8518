package io.grip.supervisor.thread;

import io.grip.supervisor.time.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the library knows of one thread: the stack of its frames, and whether it waits. The thread itself writes it; any
 * thread may read it to look at the frames or to wake the thread.
 *
 * <p>The slot of a platform thread stays registered until the thread has died. A virtual thread has one that others can find
 * only while it has frames, so that a million of them leave nothing behind; afterwards it gets another.
 */
public final class ThreadSlot {

    private static final ThreadLocal<ThreadSlot> SLOTS = ThreadLocal.withInitial(ThreadSlot::ofPlatformThread);
    private static final Set<ThreadSlot> OF_PLATFORM_THREADS = ConcurrentHashMap.newKeySet();
    private static final VirtualSlots OF_VIRTUAL_THREADS = new VirtualSlots();
    private static final AtomicInteger COUNT_OF_PLATFORM_THREADS = new AtomicInteger();
    private static final int PRUNE_EVERY = 64;

    /**
     * Where most platform threads find their slots, by their ids: a thread local is found in a map, and where others lie in
     * its way there, that is half of what a call costs. A place belongs to the first who comes to it, until that thread has
     * died; whoever finds another's there goes the longer way. Plain, since a thread that finds its own slot has put it
     * there itself, and of another's it reads the thread alone, which is final.
     */
    private static final ThreadSlot[] NEAR = new ThreadSlot[256];

    private static final VarHandle TOP;
    private static final VarHandle BASE;
    private static final VarHandle WAITING;

    static {
        try {
            TOP = MethodHandles.lookup().findVarHandle(ThreadSlot.class, "top", Frame.class);
            BASE = MethodHandles.lookup().findVarHandle(ThreadSlot.class, "base", Frame.class);
            WAITING = MethodHandles.lookup().findVarHandle(ThreadSlot.class, "waiting", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Thread thread;
    private final boolean virtual;

    /** See {@link #number()}. */
    private final int number;

    /**
     * The frame of calls that lie on no other frame, which come and go without a write to this slot: whether it is in use,
     * it says itself. Publishes it; written by the owner alone.
     */
    private volatile @Nullable Frame base;

    /** Whether the owner is inside its base; seen by its own thread only. */
    private boolean inBase;

    /** The innermost frame above the base; publishes the chain of frames below it to those who look. */
    private volatile @Nullable Frame top;

    /** Says that the thread waits, so that whoever changes something it may wait for has to unpark it. */
    private volatile boolean waiting;

    /** The next one in a chain of slots; see {@link VirtualSlots}, which guards it. */
    @Nullable
    ThreadSlot nextInBin;

    /** A frame that the owner of this slot may use again above its base; seen by its own thread only. */
    private @Nullable Frame spare;

    ThreadSlot(Thread thread, boolean virtual, int number) {
        this.thread = thread;
        this.virtual = virtual;
        this.number = number;
    }

    private static ThreadSlot ofPlatformThread() {
        ThreadSlot slot = new ThreadSlot(Thread.currentThread(), false, COUNT_OF_PLATFORM_THREADS.getAndIncrement());
        OF_PLATFORM_THREADS.add(slot);
        if (slot.number % PRUNE_EVERY == 0) {
            prune();
        }
        int place = placeOf(slot.thread);
        if (isOver(NEAR[place])) {
            NEAR[place] = slot;
        }
        return slot;
    }

    private static ThreadSlot ofVirtualThread(Thread thread) {
        ThreadSlot found = OF_VIRTUAL_THREADS.find(thread);
        return found != null ? found : new ThreadSlot(thread, true, numberOf(thread));
    }

    @SuppressWarnings("NullAway") // the places are empty at first
    private static void prune() {
        OF_PLATFORM_THREADS.removeIf(ThreadSlot::isOver);
        for (int place = 0; place < NEAR.length; place++) {
            ThreadSlot near = NEAR[place];
            if (near != null && isOver(near)) {
                NEAR[place] = null;
            }
        }
    }

    private static boolean isOver(@Nullable ThreadSlot slot) {
        return slot == null || !slot.thread.isAlive();
    }

    private static int placeOf(Thread thread) {
        return (int) thread.getId() & NEAR.length - 1;
    }

    /** Of virtual threads there are too many, and too short-lived ones, for a count that all of them share. */
    static int numberOf(Thread virtual) {
        return (int) virtual.getId();
    }

    /** Whose it is. */
    Thread thread() {
        return thread;
    }

    /** A number that few other threads have, so that those which work at the same time can be kept apart. */
    public int number() {
        return number;
    }

    /** The slot of the calling thread: always the same one as long as it has frames. */
    public static ThreadSlot current() {
        Thread thread = Thread.currentThread();
        ThreadSlot near = NEAR[placeOf(thread)];
        return near != null && near.thread == thread ? near : notNear(thread);
    }

    private static ThreadSlot notNear(Thread thread) {
        return Threads.isVirtual(thread) ? ofVirtualThread(thread) : SLOTS.get();
    }

    /** The innermost frame of this thread, or null. */
    public @Nullable Frame top() {
        Frame above = top;
        if (above != null) {
            return above;
        }
        Frame lowest = base;
        // Once more: the owner puts a frame in the place of its base before it leaves that.
        return lowest != null && lowest.isRunning() ? lowest : top;
    }

    /** Called by the owner: whether it is in no frame at all. */
    public boolean isFree() {
        return !inBase && top == null;
    }

    /** Called by the owner: its base, to be used again when it is free; null if there is none. */
    public @Nullable Frame base() {
        return base;
    }

    /** Called by the owner when it is free: the base from here on; null lets the next user make another. */
    public void putBase(@Nullable Frame frame) {
        BASE.setRelease(this, frame);
    }

    private @Nullable Frame around() {
        Frame above = top;
        return above != null ? above : inBase ? base : null;
    }

    /** Called by the owner: whether more than this many frames lie on top of each other. */
    public boolean isDeeperThan(int frames) {
        int depth = 0;
        for (Frame frame = around(); frame != null && depth <= frames; frame = frame.outer()) {
            depth++;
        }
        return depth > frames;
    }

    /** Called by the owner: puts a frame on top. A full fence: what the caller reads next is no older than this. */
    public void enter(Frame frame) {
        Frame around = around();
        frame.enter(around);
        if (virtual && around == null) {
            OF_VIRTUAL_THREADS.add(this);
        }
        top = frame;
    }

    /** Called by the owner when it is free: enters its base. A full fence, as for any other frame. */
    public void enterBase(Frame base) {
        enterBaseBeforeFence(base);
        VarHandle.fullFence();
    }

    /**
     * As {@link #enterBase}, by an owner that does an atomic operation next, which together with this is the fence. What it
     * reads before that operation is only as new as after {@link #enterBaseLightly}.
     */
    public void enterBaseBeforeAtomic(Frame base) {
        enterBaseBeforeFence(base);
        AtomicFence.beforeAtomic();
    }

    private void enterBaseBeforeFence(Frame base) {
        if (virtual) {
            OF_VIRTUAL_THREADS.add(this);
        }
        inBase = true;
        base.enterAsBase();
    }

    /**
     * Called by the owner when it is free: as {@link #enterBase}, for a frame that hardly anybody ever interrupts. What the
     * caller reads next is no older than this for those who call {@link #stopAll} between their write and their look at
     * the frames.
     */
    public void enterBaseLightly(Frame base) {
        if (virtual) {
            OF_VIRTUAL_THREADS.add(this);
        }
        inBase = true;
        base.enterLightly();
        AsymmetricFence.light();
    }

    /**
     * Called by any thread that has changed what supervised threads read on their way in or out: makes each of them stop
     * for a moment. Whoever looks at the frames next sees those who have not seen the change.
     */
    public static void stopAll() {
        AsymmetricFence.heavyForAll();
    }

    /**
     * Called by the owner: takes its top frame off.
     *
     * @return whether we had interrupted the thread for the sake of that frame
     */
    public boolean leave(Frame frame) {
        boolean interrupted = frame.leave();
        if (frame == base) {
            leftBase();
        } else {
            Frame around = frame.outer();
            TOP.setRelease(this, around == base ? null : around);
            if (virtual && around == null) {
                OF_VIRTUAL_THREADS.remove(this);
            }
        }
        return interrupted;
    }

    /** Called by the owner: as {@link #leave} for its base, where that is the top frame. */
    public boolean leaveBase(Frame base) {
        boolean interrupted = base.leave();
        leftBase();
        return interrupted;
    }

    private void leftBase() {
        inBase = false;
        if (virtual) {
            OF_VIRTUAL_THREADS.remove(this);
        }
    }

    /**
     * Called by the owner: takes its only frame off and puts another in its place, so that nobody who looks for either
     * finds neither. A base is that no more, since others may know it.
     *
     * @return whether we had interrupted the thread for the sake of the first
     */
    public boolean replace(Frame frame, Frame by) {
        by.enter(null);
        top = by;
        boolean interrupted = frame.leave();
        if (frame == base) {
            inBase = false;
            base = null;
        }
        return interrupted;
    }

    /**
     * Called by the owner: as {@link #replace}, by a frame that stands for all that wait as it does, so that of a virtual thread
     * which waits nothing is kept but this slot. A platform thread keeps its base for later.
     *
     * <p>What it goes on in must be another frame than the one that is left: see {@link #hasFrame}.
     *
     * @param standing one that {@linkplain Frame#standForGood stands for good}
     */
    public void rest(Frame frame, Frame standing) {
        TOP.setRelease(this, standing);
        frame.leave();
        if (frame == base) {
            inBase = false;
            if (virtual) {
                base = null;
            }
        }
    }

    /** Called by the owner that rests: goes on in another frame. A full fence, as {@link #enter}. */
    public void goOn(Frame frame) {
        frame.enter(null);
        top = frame;
    }

    /** Called by the owner that rests: goes on in another frame, entered as by {@link #enterBaseLightly}. */
    public void goOnLightly(Frame frame) {
        frame.enterLightlyAlone();
        TOP.setRelease(this, frame);
        AsymmetricFence.light();
    }

    /** Called by the owner that rests: goes on in no frame at all. A full fence: this is how others see the end. */
    public void endRest() {
        top = null;
        if (virtual) {
            OF_VIRTUAL_THREADS.remove(this);
        }
    }

    /** Called by the owner: takes the frame that was put by for another use, or null. */
    public @Nullable Frame takeSpare() {
        Frame taken = spare;
        spare = null;
        return taken;
    }

    /** Called by the owner: puts a frame by for another use, unless the slot itself is for this use only. */
    public void putSpare(Frame frame) {
        if (!virtual) {
            spare = frame;
        }
    }

    /**
     * Called by the owner: blocks until a condition holds, a point in time is reached, or the thread is interrupted,
     * whose flag it leaves set. Whoever makes the condition true unparks the thread, or calls {@link #lookAtAll}.
     *
     * @param until the point in time, or null to wait without end
     */
    public void await(TimeSource time, @Nullable Long until, BooleanSupplier over) {
        if (until != null) {
            awaitUntil(time, until, over);
        } else {
            waiting = true;
            try {
                while (!over.getAsBoolean() && !thread.isInterrupted()) {
                    time.park();
                }
            } finally {
                waitIsOver();
            }
        }
    }

    /** As {@link #await}, with an end: a loop of its own, since a hundred thousand threads may have it on their stacks. */
    public void awaitUntil(TimeSource time, long until, BooleanSupplier over) {
        waiting = true;
        try {
            // Where the end is reached already, parking returns at once; to ask before would be one reading more.
            do {
                if (over.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                    return;
                }
                time.parkUntil(until);
            } while (until - time.nanoTime() > 0);
        } finally {
            waitIsOver();
        }
    }

    /** Without a fence: whoever sees it late unparks the thread in vain. */
    private void waitIsOver() {
        WAITING.setRelease(this, false);
    }

    /**
     * Called by any thread after it has cancelled or shut down something: interrupts what is due for it, and makes
     * each waiting thread look at its condition. Where looking at one thread fails, all others are looked at before that
     * is thrown.
     */
    public static void lookAtAll() {
        try {
            lookAt(OF_PLATFORM_THREADS.iterator());
        } finally {
            OF_VIRTUAL_THREADS.forEachStripe(slots -> lookAt(slots.iterator()));
        }
    }

    private static void lookAt(Iterator<ThreadSlot> slots) {
        try {
            while (slots.hasNext()) {
                slots.next().look();
            }
        } finally {
            if (slots.hasNext()) {
                lookAt(slots);
            }
        }
    }

    /** Called by any thread: shows each frame of each thread, one that has just ended perhaps included. */
    public static void forEachFrame(Consumer<? super Frame> action) {
        OF_PLATFORM_THREADS.forEach(slot -> slot.showFrames(action));
        OF_VIRTUAL_THREADS.forEachStripe(slots -> slots.forEach(slot -> slot.showFrames(action)));
    }

    private void showFrames(Consumer<? super Frame> action) {
        for (Frame frame = top(); frame != null; frame = frame.outer()) {
            action.accept(frame);
        }
    }

    /**
     * Called by any thread: whether any frame of any thread passes, one that has just ended perhaps included. Of a thread that goes
     * from frame to frame at least one is asked while the thread is in it.
     */
    public static boolean anyFrame(Predicate<? super Frame> wanted) {
        for (ThreadSlot slot : OF_PLATFORM_THREADS) {
            if (slot.hasFrame(wanted)) {
                return true;
            }
        }
        return OF_VIRTUAL_THREADS.any(slot -> slot.hasFrame(wanted));
    }

    /** A frame that is left for another is left once that one is on top, so whoever was there too early looks again. */
    boolean hasFrame(Predicate<? super Frame> wanted) {
        Frame from;
        do {
            from = top();
            for (Frame frame = from; frame != null; frame = frame.outer()) {
                if (wanted.test(frame)) {
                    return true;
                }
            }
        } while (from != null && from != top());
        return false;
    }

    /** Called by any thread: looks at the frames of this slot, the outermost first, since its end ends the others. */
    public void look() {
        lookFromOutermost(top());
        if (waiting) {
            LockSupport.unpark(thread);
        }
    }

    private void lookFromOutermost(@Nullable Frame frame) {
        if (frame != null) {
            lookFromOutermost(frame.outer());
            frame.look(thread);
        }
    }
}
