package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how the last attempts of one supervisor failed, and what followed: texts and numbers, no throwable and nothing of a
 * call. Hears of failures only. Safe for use by any thread; the monitor is held to add to a short list.
 */
final class LastFailures implements Hooks {

    private static final int KEPT = 16;
    private static final int LONGEST_MESSAGE = 200;
    private static final double NANOS_PER_SECOND = 1e9;

    private final InstantSource clock;
    private final Deque<Answers.Failure> newestFirst = new ArrayDeque<>();

    LastFailures(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Interest interest() {
        return Interest.FAILURES;
    }

    @Override
    public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
        keep(kindOf(cause), cause, attempt - 1, "RETRY", delay.toNanos() / NANOS_PER_SECOND);
    }

    @Override
    public void onRestart(Execution execution, int restarts, @Nullable Throwable cause) {
        if (cause != null) {
            keep(kindOf(cause), cause, null, "RESTART", null);
        }
    }

    @Override
    public void onFailure(Execution execution, Result<?> result) {
        keep(result.failure(), result.cause(), result.attempts(), "END", null);
    }

    List<Answers.Failure> list() {
        synchronized (newestFirst) {
            return List.copyOf(newestFirst);
        }
    }

    private void keep(
            FailureKind kind,
            @Nullable Throwable cause,
            @Nullable Integer attempt,
            String then,
            @Nullable Double delay) {
        String type = cause == null ? null : cause.getClass().getName();
        Answers.Failure failure = new Answers.Failure(
                clock.instant().toString(), kind.name(), type, shortened(messageOf(cause)), attempt, then, delay);
        synchronized (newestFirst) {
            newestFirst.addFirst(failure);
            if (newestFirst.size() > KEPT) {
                newestFirst.removeLast();
            }
        }
    }

    private static FailureKind kindOf(Throwable cause) {
        return cause instanceof Error ? FailureKind.PANIC : FailureKind.HANDLER_ERROR;
    }

    static @Nullable String messageOf(@Nullable Throwable cause) {
        try {
            return cause == null ? null : cause.getMessage();
        } catch (RuntimeException itsOwnFailure) {
            // Its class is what there is to say about it.
            return null;
        }
    }

    /** At most 200 characters, and never half of one. */
    static @Nullable String shortened(@Nullable String text) {
        if (text == null || text.length() <= LONGEST_MESSAGE) {
            return text;
        }
        int end = LONGEST_MESSAGE - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
