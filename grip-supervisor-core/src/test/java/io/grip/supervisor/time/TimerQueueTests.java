package io.grip.supervisor.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerQueueTests {

    private final TimerQueue queue = new TimerQueue();
    private int arrivals;

    @Test
    void takesOutWhatIsDueAndNothingElse() {
        Entry entry = add(10);

        assertThat(queue.pollDue(9)).isNull();
        assertThat(queue.pollDue(10)).isSameAs(entry);
        assertThat(queue.pollDue(10)).isNull();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void comparesAcrossTheOverflowOfTheClock() {
        Entry late = add(Long.MIN_VALUE + 5);
        Entry early = add(Long.MAX_VALUE - 5);

        assertThat(queue.poll()).isSameAs(early);
        assertThat(queue.pollDue(Long.MAX_VALUE)).isNull();
        assertThat(queue.pollDue(Long.MIN_VALUE + 5)).isSameAs(late);
    }

    @Test
    void removesAnEntryOnce() {
        Entry entry = add(1);

        assertThat(queue.remove(entry)).isTrue();
        assertThat(queue.remove(entry)).isFalse();
        assertThat(queue.size()).isZero();
    }

    /** Against a list that is sorted by time and arrival. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void behavesLikeASortedListWhateverIsAddedAndRemoved(long seed) {
        Random random = new Random(seed);
        List<Entry> model = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int dice = random.nextInt(10);
            if (dice < 5) {
                model.add(add(random.nextInt(50)));
                model.sort(Comparator.<Entry>comparingLong(entry -> entry.at).thenComparingInt(entry -> entry.number));
            } else if (dice < 7) {
                assertThat(queue.poll()).isSameAs(model.isEmpty() ? null : model.remove(0));
            } else if (dice < 8) {
                long now = random.nextInt(50);
                boolean due = !model.isEmpty() && model.get(0).at <= now;
                assertThat(queue.pollDue(now)).isSameAs(due ? model.remove(0) : null);
            } else if (!model.isEmpty()) {
                assertThat(queue.remove(model.remove(random.nextInt(model.size()))))
                        .isTrue();
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.peek()).isSameAs(model.isEmpty() ? null : model.get(0));
        }
    }

    private Entry add(long at) {
        Entry entry = new Entry(at, arrivals++);
        queue.add(at, entry);
        return entry;
    }

    private static final class Entry extends Alarm {
        private final long at;
        private final int number;

        private Entry(long at, int number) {
            this.at = at;
            this.number = number;
        }

        @Override
        protected void ring() {
            throw new UnsupportedOperationException("the owner of a queue rings what it takes out");
        }
    }
}
