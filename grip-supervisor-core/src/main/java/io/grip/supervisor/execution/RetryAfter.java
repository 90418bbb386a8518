package io.grip.supervisor.execution;

import java.time.Duration;

/**
 * Implemented by a throwable that knows when a retry makes sense, as an HTTP answer with {@code Retry-After} does. The
 * wait before the retry is the longer of the backoff and this hint, even above the backoff's maximum; a hint that does
 * not fit into the deadline, or without a deadline one beyond a minute, ends the retries at once.
 */
@FunctionalInterface
public interface RetryAfter {

    /** How long to wait from the failure on; zero or negative means no hint. Read once per failure. */
    Duration retryAfter();
}
