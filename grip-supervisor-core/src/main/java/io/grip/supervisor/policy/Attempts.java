package io.grip.supervisor.policy;

/** A number of attempts, the first included, or no limit. Immutable. */
public final class Attempts {

    private static final Attempts UNLIMITED = new Attempts(Integer.MAX_VALUE);

    private final int max;

    private Attempts(int max) {
        this.max = max;
    }

    /**
     * At most some number.
     *
     * @param max 1 or more, the first attempt included
     * @throws IllegalArgumentException if it is below 1
     */
    public static Attempts atMost(int max) {
        return new Attempts(Checks.atLeast("max-attempts", max, 1));
    }

    /** As many as it takes. */
    public static Attempts unlimited() {
        return UNLIMITED;
    }

    /** Whether there is no limit. */
    public boolean isUnlimited() {
        return this == UNLIMITED;
    }

    /**
     * The limit.
     *
     * @throws IllegalStateException if there is none
     */
    public int max() {
        if (isUnlimited()) {
            throw new IllegalStateException("the number of attempts is unlimited");
        }
        return max;
    }

    /** Whether there may be another attempt after the one of this number, which counts from 1. */
    public boolean allowsAfter(int attempt) {
        return isUnlimited() || attempt < max;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attempts that && isUnlimited() == that.isUnlimited() && max == that.max;
    }

    @Override
    public int hashCode() {
        return max;
    }

    @Override
    public String toString() {
        return isUnlimited() ? "unlimited" : Integer.toString(max);
    }
}
