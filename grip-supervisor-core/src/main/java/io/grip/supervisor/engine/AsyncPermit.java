package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The permit of an asynchronous execution, for those that a limit has had a say in. Settles between the owner of the run
 * and whoever abandons its future which of them gives it back.
 *
 * <pre>
 *   NONE --granted--> HELD --use--> USED --take--> NONE
 *   NONE <--take, abandon-- HELD
 * </pre>
 */
final class AsyncPermit {

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(AsyncPermit.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** None is out. */
    private static final int NONE = 0;
    /** There is one and no attempt uses it yet: whoever abandons the future may give it back. */
    private static final int HELD = 1;
    /** An attempt uses it, until its runner has returned and its stage has ended. */
    private static final int USED = 2;

    @SuppressWarnings("unused") // through STATE
    private volatile int state = NONE;

    /** The number by which the execution is served, once drawn. The owner's alone. */
    private long arrival = Permits.NOT_TAKEN;

    /** Where it comes from, null without a limit; written by the owner before it holds one from there. */
    private @Nullable Permits from;

    /** Called by the owner before each attempt: what that is admitted by, null without a limit. */
    void comesFrom(@Nullable Permits permits) {
        from = permits;
    }

    /** Called by the owner: what the attempt about to be made was admitted by; null without a limit. */
    @Nullable
    Permits from() {
        return from;
    }

    /** Called by the owner: takes one if there is one, without a wait; the first time, that is the arrival too. */
    boolean tryTake(Permits permits) {
        boolean taken;
        if (arrival != Permits.NOT_TAKEN) {
            taken = permits.tryTake();
        } else {
            arrival = permits.tryArriveAndTake();
            taken = arrival != Permits.NOT_TAKEN;
        }
        if (taken) {
            granted();
        }
        return taken;
    }

    /** Called by the owner: the number by which it is served. */
    long arrivalAt(Permits permits) {
        if (arrival == Permits.NOT_TAKEN) {
            arrival = permits.arrive();
        }
        return arrival;
    }

    /** Called by the owner: it is there. */
    void granted() {
        STATE.setVolatile(this, HELD);
    }

    /** Called by the owner: whether the attempt may begin; if not, it was given back meanwhile. */
    boolean tryUse() {
        return from == null || STATE.compareAndSet(this, HELD, USED);
    }

    /** Called by the owner: whether there is one, which is from now on the caller's. */
    boolean tryTakeOver() {
        return (int) STATE.getAndSet(this, NONE) != NONE;
    }

    /** Called by the owner: gives it back, if there is one. */
    void giveBack() {
        if (tryTakeOver()) {
            returnIt();
        }
    }

    /** Called by any thread: gives it back if nobody uses it. */
    void abandon() {
        if (STATE.compareAndSet(this, HELD, NONE)) {
            returnIt();
        }
    }

    private void returnIt() {
        Objects.requireNonNull(from, "it came from somewhere").giveBack();
    }
}
