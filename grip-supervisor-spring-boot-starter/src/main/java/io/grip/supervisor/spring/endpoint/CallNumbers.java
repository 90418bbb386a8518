package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.hook.Telemetry;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what one supervisor does, and keeps how long its last executions took. Called on the path of every execution, by
 * any thread: adds and returns, without a lock and without making anything.
 */
final class CallNumbers implements Telemetry {

    private static final int SAMPLE = 1024;
    private static final double NANOS_PER_SECOND = 1e9;

    private final LongAdder[] executions = adders(FailureKind.class.getEnumConstants().length);
    private final LongAdder attempts = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder retriesRefused = new LongAdder();
    private final LongAdder restarts = new LongAdder();
    private final LongAdder giveUps = new LongAdder();
    private final LongAdder escalations = new LongAdder();
    private final LongAdder hookErrors = new LongAdder();
    private final LongAdder lateResults = new LongAdder();
    private final AtomicLong timed = new AtomicLong();
    private final AtomicLongArray times = new AtomicLongArray(SAMPLE);

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        Arrays.setAll(adders, each -> new LongAdder());
        return adders;
    }

    @Override
    public void execution(FailureKind kind, @Nullable Throwable cause, long nanos) {
        executions[kind.ordinal()].increment();
        if (kind == FailureKind.NONE || kind == FailureKind.HANDLER_ERROR || kind == FailureKind.PANIC) {
            times.lazySet((int) (timed.getAndIncrement() & (SAMPLE - 1)), nanos);
        }
    }

    @Override
    public void attempt(AttemptOutcome outcome, long nanos) {
        attempts.increment();
    }

    @Override
    public void retry() {
        retries.increment();
    }

    @Override
    public void retryRefused() {
        retriesRefused.increment();
    }

    @Override
    public void restart() {
        restarts.increment();
    }

    @Override
    public void giveUp() {
        giveUps.increment();
    }

    @Override
    public void escalation() {
        escalations.increment();
    }

    @Override
    public void hookError() {
        hookErrors.increment();
    }

    @Override
    public void lateResult() {
        lateResults.increment();
    }

    long retriesRefused() {
        return retriesRefused.sum();
    }

    Answers.Counts counts() {
        return new Answers.Counts(
                new Answers.Executions(
                        ended(FailureKind.NONE),
                        ended(FailureKind.HANDLER_ERROR) + ended(FailureKind.PANIC),
                        ended(FailureKind.CONTEXT_CANCELLED),
                        ended(FailureKind.REJECTED),
                        ended(FailureKind.SHUTDOWN)),
                attempts.sum(),
                retries.sum(),
                restarts.sum(),
                giveUps.sum(),
                escalations.sum(),
                hookErrors.sum(),
                lateResults.sum());
    }

    private long ended(FailureKind kind) {
        return executions[kind.ordinal()].sum();
    }

    /** Null before the first execution. */
    Answers.@Nullable Latency latency() {
        int size = (int) Math.min(timed.get(), SAMPLE);
        if (size == 0) {
            return null;
        }
        long[] sorted = new long[size];
        Arrays.setAll(sorted, times::get);
        Arrays.sort(sorted);
        return new Answers.Latency(size, quantile(sorted, 0.5), quantile(sorted, 0.99));
    }

    /** The nearest rank: the smallest time that this share of the sample does not exceed; in seconds. */
    static double quantile(long[] sorted, double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(0, rank - 1)] / NANOS_PER_SECOND;
    }
}
