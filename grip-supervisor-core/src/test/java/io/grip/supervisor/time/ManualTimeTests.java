package io.grip.supervisor.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ManualTimeTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final ManualTime selfAdvancing = ManualTime.selfAdvancing();

    @Test
    void runsEachActionAtItsOwnPointInTimeAndThenStandsAtTheEnd() {
        List<Long> seen = new ArrayList<>();
        long start = time.nanoTime();
        time.schedule(start + 3, () -> seen.add(time.nanoTime() - start));
        time.schedule(start + 1, () -> seen.add(time.nanoTime() - start));

        time.advance(Duration.ofNanos(10));

        assertThat(seen).containsExactly(1L, 3L);
        assertThat(time.nanoTime() - start).isEqualTo(10);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void runsWhatActionsScheduleWithinTheSpanAndKeepsTheRest() {
        List<Long> seen = new ArrayList<>();
        long start = time.nanoTime();
        time.schedule(start + 4, new Runnable() {
            @Override
            public void run() {
                seen.add(time.nanoTime() - start);
                time.schedule(time.nanoTime() + 4, this);
            }
        });

        time.advance(Duration.ofNanos(9));

        assertThat(seen).containsExactly(4L, 8L);
        assertThat(time.pendingTimers()).isOne();
    }

    @Test
    void runsWhatIsDueAlreadyOnAnAdvanceByNothing() {
        AtomicInteger ran = new AtomicInteger();
        time.schedule(time.nanoTime() - 5, ran::incrementAndGet);

        time.advance(Duration.ZERO);

        assertThat(ran).hasValue(1);
    }

    @Test
    void refusesToGoBack() {
        assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("span must not be negative: PT-0.000000001S");
    }

    @Test
    void saysHowManyThreadsItWaitedForInVain() {
        assertThatThrownBy(() -> time.awaitWaitingThreads(1, Duration.ofMillis(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("after PT0.001S only 0 of 1 threads wait on this clock");
    }

    @Test
    void movesByItselfToTheEndOfAWait() {
        long start = selfAdvancing.nanoTime();

        selfAdvancing.parkUntil(start + 1_000);

        assertThat(selfAdvancing.nanoTime() - start).isEqualTo(1_000);
    }

    @Test
    void stopsAWaitAtEachActionOnItsWay() {
        long start = selfAdvancing.nanoTime();
        List<Long> seen = new ArrayList<>();
        selfAdvancing.schedule(start + 10, () -> seen.add(selfAdvancing.nanoTime() - start));
        selfAdvancing.schedule(start + 20, () -> seen.add(selfAdvancing.nanoTime() - start));

        selfAdvancing.parkUntil(start + 1_000);
        assertThat(seen).containsExactly(10L);
        assertThat(selfAdvancing.nanoTime() - start).isEqualTo(10);

        selfAdvancing.park();
        assertThat(seen).containsExactly(10L, 20L);
        assertThat(selfAdvancing.nanoTime() - start).isEqualTo(20);
    }

    /** The moment passes while the thread is on its way into the wait: then nobody else would ever wake it. */
    @Test
    @Timeout(60)
    void neverMissesAPointThatPassesWhileAThreadBeginsToWaitForIt() throws InterruptedException {
        int rounds = 50_000;
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Thread waiter = new Thread(() -> {
            for (int round = 1; round <= rounds; round++) {
                long at = time.nanoTime() + 1;
                begun.set(round);
                while (at - time.nanoTime() > 0) {
                    time.parkUntil(at);
                }
                done.set(round);
            }
        });
        waiter.setDaemon(true);
        waiter.start();

        for (int round = 1; round <= rounds; round++) {
            spinUntil(begun, round);
            // A little later each time, so that every place on the way in is met.
            for (int spins = round % 50; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            time.advance(Duration.ofNanos(1));
            if (!spinUntil(done, round)) {
                int current = round;
                await().atMost(PATIENCE).until(() -> done.get() >= current);
            }
        }
        waiter.join();
        assertThat(time.pendingTimers()).isZero();
    }

    private static boolean spinUntil(AtomicInteger counter, int value) {
        for (int spins = 0; counter.get() < value; spins++) {
            if (spins > 1_000_000) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
