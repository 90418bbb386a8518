package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyNamesTests {

    @Test
    void namesWithTheSameLettersAndDigitsAreTheSame() {
        assertThat(List.of("my-pol2", "myPol2", "MY_POL2", "my.pol2", "mypol2"))
                .allSatisfy(spelling ->
                        assertThat(PolicyNames.same("my-pol2", spelling)).isTrue());
        assertThat(PolicyNames.same("my-pol2", "my-pol3")).isFalse();
    }

    @Test
    void lettersOfAnyAlphabetCount() {
        assertThat(PolicyNames.same("支付", "出货")).isFalse();
    }

    @Test
    void aSpellingThatAnEnvironmentVariableCannotHaveBroughtIsShown() {
        assertThat(PolicyNames.grouped(List.of("mypol", "my-pol"))).containsOnlyKeys("my-pol");
        assertThat(PolicyNames.grouped(List.of("mypol", "my-pol")).get("my-pol"))
                .containsExactly("mypol", "my-pol");
        assertThat(PolicyNames.grouped(List.of("payment"))).containsOnlyKeys("payment");
    }
}
