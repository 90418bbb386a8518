package io.grip.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which throwables are worth a retry. */
class RetryableThrowablesTests {

    private static final RetryPolicy ANY = RetryPolicy.of(3);

    @Test
    void withoutListsEverythingIsWorthARetry() {
        assertThat(ANY.isRetryable(new IOException())).isTrue();
        assertThat(ANY.isRetryable(new StackOverflowError())).isTrue();
    }

    @Test
    void withARetryOnListNothingElseIs() {
        RetryPolicy policy = ANY.withRetryOn(IOException.class);
        assertThat(policy.isRetryable(new FileNotFoundException())).isTrue();
        assertThat(policy.isRetryable(new IllegalStateException())).isFalse();
    }

    @Test
    void withANeverOnListEverythingElseIs() {
        RetryPolicy policy = ANY.withNeverOn(IOException.class);
        assertThat(policy.isRetryable(new FileNotFoundException())).isFalse();
        assertThat(policy.isRetryable(new IllegalStateException())).isTrue();
    }

    @Test
    void theNearestSuperclassDecides() {
        RetryPolicy exceptFiles = ANY.withRetryOn(IOException.class).withNeverOn(FileNotFoundException.class);
        assertThat(exceptFiles.isRetryable(new IOException())).isTrue();
        assertThat(exceptFiles.isRetryable(new FileNotFoundException())).isFalse();

        RetryPolicy onlyFiles = ANY.withNeverOn(IOException.class).withRetryOn(FileNotFoundException.class);
        assertThat(onlyFiles.isRetryable(new IOException())).isFalse();
        assertThat(onlyFiles.isRetryable(new FileNotFoundException())).isTrue();
    }

    @Test
    void aTieIsNever() {
        RetryPolicy both = ANY.withRetryOn(IOException.class).withNeverOn(IOException.class);
        assertThat(both.isRetryable(new IOException())).isFalse();
    }

    @Test
    void causesAreAskedFromTheOutsideInwards() {
        RetryPolicy policy = ANY.withRetryOn(IOException.class).withNeverOn(UncheckedIOException.class);
        assertThat(policy.isRetryable(new IllegalStateException(new IOException())))
                .isTrue();
        assertThat(policy.isRetryable(new UncheckedIOException(new IOException())))
                .isFalse();
        assertThat(policy.isRetryable(new IOException(new UncheckedIOException(new IOException()))))
                .isTrue();
    }

    static Stream<UnaryOperator<Throwable>> wrappers() {
        return Stream.of(
                CompletionException::new,
                ExecutionException::new,
                InvocationTargetException::new,
                UndeclaredThrowableException::new,
                thrown -> new CompletionException(new ExecutionException(thrown)));
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void mereWrappersAreTakenOffBeforeAnyTypeIsLookedAt(UnaryOperator<Throwable> wrapper) {
        RetryPolicy policy = ANY.withNeverOn(Exception.class).withRetryOn(IOException.class);
        assertThat(policy.isRetryable(wrapper.apply(new IOException()))).isTrue();
        assertThat(policy.isRetryable(wrapper.apply(new IllegalStateException())))
                .isFalse();
    }

    @Test
    void aLoopOfCausesEnds() {
        IllegalStateException first = new IllegalStateException();
        IllegalArgumentException second = new IllegalArgumentException(first);
        first.initCause(second);
        assertThat(ANY.withRetryOn(IOException.class).isRetryable(first)).isFalse();
        assertThat(ANY.withNeverOn(IOException.class).isRetryable(first)).isTrue();

        CompletionException around = new CompletionException("its own cause") {
            @Override
            public synchronized Throwable getCause() {
                return this;
            }
        };
        assertThat(ANY.withRetryOn(IOException.class).isRetryable(around)).isFalse();
    }

    /** A proxy or a lazy exception may make a new cause each time it is asked. */
    @Test
    void aChainOfCausesThatNeverEndsIsFollowedForAWhile() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertThat(ANY.withRetryOn(IOException.class).isRetryable(new Endless()))
                    .isFalse();
            assertThat(ANY.withNeverOn(IOException.class).isRetryable(new Endless()))
                    .isTrue();
        });
    }

    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            return new Endless();
        }
    }
}
