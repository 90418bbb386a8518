package io.grip.supervisor.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTests {

    @Test
    void findsTheWordWithTheFewestDifferences() {
        assertThat(Nearest.to("paymnt", List.of("shipment", "payment", "pay"))).contains("payment");
        assertThat(Nearest.to("", List.of("aa", "b"))).contains("b");
    }

    @Test
    void prefersTheFirstInTheAlphabetAmongEquallyNearOnes() {
        assertThat(Nearest.to("x", List.of("b", "a"))).contains("a");
    }

    @Test
    void findsNothingAmongNothing() {
        assertThat(Nearest.to("payment", List.of())).isEmpty();
    }

    @Test
    void takesAThirdOfTheLettersForASlipAndNoMore() {
        assertThat(Nearest.slipOf("jiter", List.of("jitter"))).contains("jitter");
        assertThat(Nearest.slipOf("abcxyz", List.of("abcdef"))).isEmpty();
        assertThat(Nearest.slipOf("abcdyz", List.of("abcdef"))).contains("abcdef");
    }
}
