package io.grip.supervisor.engine;

import io.grip.supervisor.policy.RetryBudget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is left for retries. While nothing is spent it is full, and then an execution that earns something reads one word and
 * writes none. Safe for use by any thread.
 */
final class Budget {

    /** One retry, so that shares are whole numbers: what is smaller than a millionth of one is rounded. */
    private static final long RETRY = 1_000_000;

    /** In millionths of a retry; those of one engine share it, whatever their limits. */
    private final AtomicLong left;

    private final long share;
    private final long floor;
    private final long most;

    private Budget(RetryBudget policy, AtomicLong left) {
        this.left = left;
        this.share = Math.round(policy.share().orElseThrow() * RETRY);
        this.floor = policy.floor() * RETRY;
        this.most = floor + share * policy.recent();
    }

    /**
     * A budget that begins with its floor.
     *
     * @param policy one that has a share
     */
    static Budget of(RetryBudget policy) {
        return new Budget(policy, new AtomicLong(policy.floor() * RETRY));
    }

    /** Another budget with what is left of this one, or as much of it as it may have; a floor that is raised is there. */
    Budget changedTo(RetryBudget policy) {
        Budget changed = new Budget(policy, left);
        left.addAndGet(Math.max(0, changed.floor - floor));
        return changed;
    }

    /** An execution earns its share. */
    void earn() {
        long seen = left.get();
        while (seen < most && !left.compareAndSet(seen, Math.min(most, seen + share))) {
            seen = left.get();
        }
    }

    /**
     * Spends one retry.
     *
     * @return whether there was one left
     */
    boolean trySpend() {
        while (true) {
            long seen = left.get();
            long mine = Math.min(seen, most);
            if (mine < RETRY) {
                return false;
            }
            if (left.compareAndSet(seen, mine - RETRY)) {
                return true;
            }
        }
    }

    /** How many retries are left. */
    int available() {
        return (int) Math.min(Integer.MAX_VALUE, Math.min(left.get(), most) / RETRY);
    }
}
