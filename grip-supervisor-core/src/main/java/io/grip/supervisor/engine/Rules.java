package io.grip.supervisor.engine;

import io.grip.supervisor.admission.Permits;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.Nanos;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A policy as an execution takes it with it when it begins, with what every call asks of it worked out once. Immutable, but
 * for permits and budget, which the rules of one engine share, and a note of which failures are ordinary.
 */
final class Rules {

    private final Engine engine;
    private final SupervisorPolicy policy;
    private final @Nullable Permits permits;
    private final @Nullable Budget budget;
    private final boolean plain;
    private final boolean retriesPlainly;
    private final boolean waitsBeforeRetries;
    /** A class that {@link AtOnce} has looked at before; any thread may find another's, or none, and looks itself. */
    private @Nullable Class<?> ordinary;

    private final boolean hasPermits;
    private final boolean hasBudget;
    private final boolean hasLimit;
    private final boolean hasDeadline;
    private final long deadline;
    private final boolean hasAttemptTimeout;
    private final long attemptTimeout;

    /**
     * Works it out.
     *
     * @param engine whose rules they are
     * @param permits what attempts are admitted by; null if the policy sets no limit
     * @param budget what retries are paid from; null if the policy has none
     * @param direct whether attempts run on the caller's thread, and nobody follows each of them
     */
    Rules(Engine engine, SupervisorPolicy policy, @Nullable Permits permits, @Nullable Budget budget, boolean direct) {
        this.engine = engine;
        this.policy = policy;
        this.permits = permits;
        this.budget = budget;
        this.plain = direct && policy.restart() == RestartPolicy.NEVER;
        this.waitsBeforeRetries = !policy.retry().backoff().equals(BackoffPolicy.none());
        this.retriesPlainly = permits == null
                && budget == null
                && !(waitsBeforeRetries && policy.deadline().timeout().isPresent());
        this.hasPermits = permits != null;
        this.hasBudget = budget != null;
        Duration timeout = policy.deadline().timeout().orElse(null);
        this.hasDeadline = timeout != null;
        this.deadline = timeout == null ? 0 : Nanos.of(timeout);
        Duration attempt = policy.deadline().attemptTimeout().orElse(null);
        this.hasAttemptTimeout = attempt != null;
        this.attemptTimeout = attempt == null ? 0 : Nanos.of(attempt);
        this.hasLimit = hasDeadline || hasAttemptTimeout;
    }

    /** Whose rules they are, so that who has them needs no second reference. */
    Engine engine() {
        return engine;
    }

    SupervisorPolicy policy() {
        return policy;
    }

    AdmissionPolicy admission() {
        return policy.admission();
    }

    /** Asked before {@link #permits} on each call: what has a type that no limit has loaded yet is not inlined. */
    boolean hasPermits() {
        return hasPermits;
    }

    @Nullable
    Permits permits() {
        return permits;
    }

    @Nullable
    Budget budget() {
        return budget;
    }

    boolean hasBudget() {
        return hasBudget;
    }

    /** Whether a call that succeeds at once needs nothing but an attempt on the caller's thread. */
    boolean isPlain() {
        return plain;
    }

    /**
     * Whether a retry needs nothing but its time: no budget pays for it, no deadline may lack the room for its wait, and no
     * permits come and go between attempts. What runs when one comes back is others' code, which no frame of a call may be
     * around.
     */
    boolean retriesPlainly() {
        return retriesPlainly;
    }

    /** Whether a retry may have to wait before it. */
    boolean waitsBeforeRetries() {
        return waitsBeforeRetries;
    }

    boolean hasLimit() {
        return hasLimit;
    }

    boolean hasDeadline() {
        return hasDeadline;
    }

    /** In nanoseconds; 0 without one. */
    long deadline() {
        return deadline;
    }

    boolean hasAttemptTimeout() {
        return hasAttemptTimeout;
    }

    /** In nanoseconds; 0 without one. */
    long attemptTimeout() {
        return attemptTimeout;
    }

    /** Whether a throwable of this very class, unless it has a cause, is an ordinary failure that is worth a retry. */
    boolean isOrdinary(Class<?> type) {
        return ordinary == type;
    }

    /** As it says; only the last class is kept, since a task mostly fails in one way. */
    void isOrdinaryFromNowOn(Class<?> type) {
        ordinary = type;
    }
}
