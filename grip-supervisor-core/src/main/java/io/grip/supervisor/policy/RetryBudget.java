package io.grip.supervisor.policy;

import java.util.OptionalDouble;

/**
 * How many retries all executions of a supervisor may make together, so that a dependency which is down gets little more
 * than its usual load. Each execution earns a share of a retry, each retry spends a whole one; what the last {@code recent}
 * executions have earned is kept, and on top of it there is a floor for a supervisor that has hardly been called.
 *
 * <p>So over any stretch of time there are at most {@code floor + share x (executions in it + recent)} retries. A retry for
 * which nothing is left is not made: the execution ends with the failure at hand, as one whose attempts have run out.
 *
 * @param share what an execution earns, in [0, 1]; 0.2 lets every fifth be retried in the long run; empty for no budget
 * @param floor how many retries there are to begin with, zero or more
 * @param recent of how many executions what they have earned is kept, zero or more
 */
public record RetryBudget(OptionalDouble share, int floor, int recent) {

    private static final int DEFAULT_FLOOR = 10;
    private static final int DEFAULT_RECENT = 100;
    private static final RetryBudget NONE = new RetryBudget(OptionalDouble.empty(), DEFAULT_FLOOR, DEFAULT_RECENT);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the share is not in [0, 1], or a number is negative
     */
    public RetryBudget {
        Checks.notNull("share", share).ifPresent(value -> Checks.between("share", value, 0, 1));
        Checks.atLeast("floor", floor, 0);
        Checks.atLeast("recent", recent, 0);
    }

    /** No budget: each execution makes as many retries as its policy allows. */
    public static RetryBudget none() {
        return NONE;
    }

    /**
     * A share of the calls, a floor of 10, and what the last 100 executions have earned.
     *
     * @param share in [0, 1]
     */
    public static RetryBudget of(double share) {
        return new RetryBudget(OptionalDouble.of(share), DEFAULT_FLOOR, DEFAULT_RECENT);
    }

    /**
     * This budget with another floor.
     *
     * @param floor zero or more
     */
    public RetryBudget withFloor(int floor) {
        return new RetryBudget(share, floor, recent);
    }

    /**
     * This budget, of another number of executions.
     *
     * @param recent zero or more
     */
    public RetryBudget withRecent(int recent) {
        return new RetryBudget(share, floor, recent);
    }
}
