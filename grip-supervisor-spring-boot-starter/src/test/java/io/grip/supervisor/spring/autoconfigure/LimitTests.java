package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTests {

    @ParameterizedTest
    @ValueSource(strings = {"none", "unlimited", "None", " UNLIMITED "})
    void bothWordsMeanNoLimit(String word) {
        assertThat(DurationLimit.of(word).value()).isEmpty();
        assertThat(CountLimit.of(word).value()).isEmpty();
    }

    @Test
    void durationsAreReadAsEverywhereInBoot() {
        assertThat(DurationLimit.of("600ms").value()).contains(Duration.ofMillis(600));
        assertThat(DurationLimit.of("PT1M30S").value()).contains(Duration.ofSeconds(90));
        assertThat(DurationLimit.of(2000).value()).contains(Duration.ofSeconds(2));
        assertThat(DurationLimit.of(9_999_999_999L).value()).contains(Duration.ofMillis(9_999_999_999L));
    }

    @Test
    void countsAreReadAsNumbers() {
        assertThat(CountLimit.of("32").value()).hasValue(32);
        assertThat(CountLimit.of(32).value()).hasValue(32);
        assertThat(AttemptLimit.of(" 4 ").value()).hasValue(4);
        assertThat(AttemptLimit.of("unlimited").value()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsToldWhatCould() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DurationLimit.of("soon"))
                .withMessage("'soon' is not a duration such as 600ms, 2s or PT1M30S, nor 'none' or 'unlimited'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CountLimit.of("many"))
                .withMessage("'many' is not a whole number up to 2147483647, nor 'none' or 'unlimited'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttemptLimit.of(3_000_000_000L))
                .withMessage("'3000000000' is not a whole number up to 2147483647, nor 'unlimited'");
    }

    @Test
    void noneIsNoNumberOfAttemptsBecauseItCouldMeanOneOrAll() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttemptLimit.of("none"))
                .withMessage("'none' could mean no retry or no limit: write 1 for a single attempt, or 'unlimited'");
    }
}
