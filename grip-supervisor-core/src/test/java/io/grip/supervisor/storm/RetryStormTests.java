package io.grip.supervisor.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.policy.RetryBudget;
import io.grip.supervisor.storm.RetryStorm.Second;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a retry budget does to the load on a dependency that is slow, and whether that comes back. */
class RetryStormTests {

    private static final RetryBudget BUDGET = RetryBudget.of(0.2).withFloor(3);

    private static final List<Second> WITHOUT = RetryStorm.under(RetryBudget.none());
    private static final List<Second> WITH = RetryStorm.under(BUDGET);

    private static double attemptsPerSecond(List<Second> seconds, int from, int to) {
        return seconds.subList(from, to).stream()
                .mapToInt(Second::attempts)
                .average()
                .orElseThrow();
    }

    @Test
    void withoutOneTheLoadIsTripledAndTheDependencyDoesNotComeBack() {
        assertThat(attemptsPerSecond(WITHOUT, 20, 30)).isBetween(2_900.0, 3_100.0);
        assertThat(attemptsPerSecond(WITHOUT, 40, 50)).isBetween(2_700.0, 3_300.0);
        assertThat(WITHOUT.subList(35, 50))
                .allSatisfy(second -> assertThat(second.answered()).isZero());
    }

    @Test
    void withOneTheLoadSettlesAtItsShareAndTheDependencyComesBack() {
        assertThat(attemptsPerSecond(WITH, 20, 30)).isBetween(1_100.0, 1_300.0);
        assertThat(WITH.subList(45, 50)).containsOnly(new Second(1_000, 1_000));
    }

    @Test
    void thereAreNeverMoreRetriesThanTheBudgetSays() {
        int retries = 0;
        for (int second = 0; second < RetryStorm.SECONDS; second++) {
            retries += WITH.get(second).attempts() - RetryStorm.CLIENTS;
            assertThat(retries).isLessThanOrEqualTo((int) (RetryStorm.CLIENTS * (3 + 0.2 * (second + 1))));
        }
    }
}
