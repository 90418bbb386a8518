package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Waiter;
import java.util.concurrent.locks.LockSupport;

/** A thread that is blocked until it is granted a permit. */
final class BlockedWaiter extends Waiter {

    private final Thread thread = Thread.currentThread();

    BlockedWaiter(long arrival) {
        super(arrival);
    }

    @Override
    protected void granted() {
        LockSupport.unpark(thread);
    }
}
