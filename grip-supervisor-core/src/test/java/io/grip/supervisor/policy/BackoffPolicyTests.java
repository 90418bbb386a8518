package io.grip.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Delays grow as they should, and neither large numbers nor long spans break them. */
class BackoffPolicyTests {

    private static final Duration YEARS = Duration.ofDays(10_000);
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    @Test
    void exponentialDelaysAreMultipliedUpToTheMaximum() {
        BackoffPolicy backoff = BackoffPolicy.exponential(Duration.ofMillis(200), 2, Duration.ofSeconds(1));
        assertThat(Stream.iterate(1, retry -> retry + 1).limit(5).map(backoff::delay))
                .containsExactly(
                        Duration.ofMillis(200),
                        Duration.ofMillis(400),
                        Duration.ofMillis(800),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1));
    }

    @Test
    void aMultiplierOfOneKeepsTheDelay() {
        BackoffPolicy backoff = BackoffPolicy.exponential(Duration.ofNanos(3), 1, Duration.ofSeconds(1));
        assertThat(backoff.delay(1_000_000)).isEqualTo(Duration.ofNanos(3));
    }

    @Test
    void linearDelaysGrowByOneStepUpToTheMaximum() {
        BackoffPolicy backoff = BackoffPolicy.linear(Duration.ofSeconds(2), Duration.ofSeconds(5));
        assertThat(List.of(backoff.delay(1), backoff.delay(2), backoff.delay(3)))
                .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(5));
    }

    @Test
    void fixedAndNoDelaysStayWhatTheyAre() {
        assertThat(BackoffPolicy.fixed(YEARS).delay(Integer.MAX_VALUE)).isEqualTo(YEARS);
        assertThat(BackoffPolicy.none().delay(Integer.MAX_VALUE)).isZero();
    }

    static Stream<BackoffPolicy> longOnes() {
        return Stream.of(
                BackoffPolicy.exponential(Duration.ofMillis(1), 2, YEARS),
                BackoffPolicy.exponential(YEARS, Double.MAX_VALUE, YEARS),
                BackoffPolicy.exponential(Duration.ofNanos(1), 1.0000001, LONGEST),
                BackoffPolicy.exponential(LONGEST, 10, LONGEST),
                BackoffPolicy.exponential(Duration.ZERO, 10, LONGEST),
                BackoffPolicy.linear(YEARS, YEARS.multipliedBy(3)),
                BackoffPolicy.linear(LONGEST, LONGEST),
                BackoffPolicy.linear(Duration.ofNanos(1), LONGEST));
    }

    @ParameterizedTest
    @MethodSource("longOnes")
    void neverNegativeNeverShrinkingNeverAboveTheMaximumWhateverTheNumber(BackoffPolicy backoff) {
        Duration before = Duration.ZERO;
        for (int retry :
                new int[] {1, 2, 3, 10, 62, 63, 64, 65, 1_000, 1 << 30, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
            Duration delay = backoff.delay(retry);
            assertThat(delay)
                    .as("retry %s", retry)
                    .isGreaterThanOrEqualTo(before)
                    .isLessThanOrEqualTo(LONGEST);
            before = delay;
        }
    }

    /** Random policies; a failure names the seed. */
    @Test
    void neverAboveItsMaximumForAnyValues() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 10_000; round++) {
            Duration initial = Duration.ofNanos(random.nextLong(1L << random.nextInt(1, 62)));
            Duration max = initial.plusNanos(random.nextLong(1L << random.nextInt(1, 62)));
            BackoffPolicy backoff = BackoffPolicy.exponential(initial, 1 + random.nextDouble() * 9, max);
            int retry = random.nextInt(1, 200);
            assertThat(backoff.delay(retry))
                    .as("seed %s: %s, retry %s", seed, backoff, retry)
                    .isBetween(initial, max);
        }
    }
}
