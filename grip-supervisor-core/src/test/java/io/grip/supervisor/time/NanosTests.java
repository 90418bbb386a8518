package io.grip.supervisor.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NanosTests {

    @Test
    void keepsWhatFitsToTheNanosecond() {
        assertThat(Nanos.of(Duration.ofSeconds(3, 7))).isEqualTo(3_000_000_007L);
        assertThat(Nanos.of(Duration.ofSeconds(-3, 7))).isEqualTo(-2_999_999_993L);
        assertThat(Nanos.of(Duration.ZERO)).isZero();
    }

    @Test
    void cutsLongSpansOnBothSides() {
        assertThat(Nanos.of(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))).isEqualTo(Nanos.LONGEST);
        assertThat(Nanos.of(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(-Nanos.LONGEST);
        assertThat(Nanos.of(Duration.ofNanos(Nanos.LONGEST))).isLessThanOrEqualTo(Nanos.LONGEST);
        assertThat(Nanos.of(Duration.ofNanos(Nanos.LONGEST).plusSeconds(2))).isEqualTo(Nanos.LONGEST);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 5})
    void comparesPointsByTheirDistanceWhereverTheClockStands(long now) {
        long soon = Nanos.after(now, Duration.ofSeconds(1));
        long far = Nanos.after(now, Duration.ofDays(1_000_000));

        assertThat(Nanos.isBefore(now, soon)).isTrue();
        assertThat(Nanos.isBefore(soon, far)).isTrue();
        assertThat(Nanos.isBefore(now, now)).isFalse();
        assertThat(Nanos.earlier(far, soon)).isEqualTo(soon);
        assertThat(Nanos.after(now, Duration.ofSeconds(-1))).isEqualTo(now);
    }
}
