package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What virtual threads that never wait owe to others, and what that costs them. */
class GivingWayTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    @DisplayName("however many virtual threads give way for ever and never end, one started from elsewhere runs")
    void whoGivesWayLetsThoseFromElsewhereRun() throws Exception {
        assumeTrue(Threads.haveVirtual());
        int carriers = Runtime.getRuntime().availableProcessors();
        AtomicBoolean begun = new AtomicBoolean();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < 32 * carriers; i++) {
            busy.add(Threads.start("busy", () -> {
                while (!begun.get()) {
                    LockSupport.park();
                }
                giveWay(over, () -> {});
            }));
        }
        await().atMost(PATIENCE)
                .until(() -> busy.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        begun.set(true);
        // Woken by a virtual thread, they are in the queue of its carrier; each carrier gets some.
        AtomicInteger wakers = new AtomicInteger();
        CountDownLatch woken = new CountDownLatch(2 * carriers);
        for (int i = 0; i < 2 * carriers; i++) {
            List<Thread> some = busy.subList(16 * i, 16 * (i + 1));
            Threads.start("wakes some", () -> {
                some.forEach(LockSupport::unpark);
                wakers.incrementAndGet();
                // Keeps its carrier until each of the others has such a thread too.
                while (wakers.get() < carriers && !over.get()) {
                    Thread.onSpinWait();
                }
                woken.countDown();
            });
        }

        try {
            assertThat(woken.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            CountDownLatch ran = new CountDownLatch(1);
            Threads.start("from elsewhere", ran::countDown);
            assertThat(ran.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            over.set(true);
        }
    }

    @Test
    @DisplayName("nor do those keep one from running that work a while before they give way, and so never all wait")
    void whoWorksAndGivesWayLetsThoseFromElsewhereRun() throws Exception {
        assumeTrue(Threads.haveVirtual());
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < 200 * Runtime.getRuntime().availableProcessors(); i++) {
            busy.add(Threads.start(
                    "busy",
                    () -> giveWay(over, () -> {
                        for (int work = 0; work < 2_000; work++) {
                            Thread.onSpinWait();
                        }
                    })));
        }

        try {
            for (int i = 0; i < 20; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                Threads.start("from elsewhere", ran::countDown);
                assertThat(ran.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            over.set(true);
            for (Thread thread : busy) {
                LockSupport.unpark(thread);
                thread.join(PATIENCE.toMillis());
            }
        }
    }

    private static void giveWay(AtomicBoolean over, Runnable work) {
        GivingWay way = new GivingWay();
        while (!over.get()) {
            work.run();
            way.giveWay(Long.MAX_VALUE);
        }
    }

    // ---------------------------------------------------------------- how long

    private final ManualTime time = ManualTime.create();
    private final List<Long> waits = new ArrayList<>();

    /** By how much too late it comes back. */
    private long late;

    private final GivingWay way = new GivingWay(time, span -> {
        waits.add(span);
        time.advance(Duration.ofNanos(span + late));
    });

    private long next(long most) {
        way.giveWay(most);
        return waits.get(waits.size() - 1);
    }

    @Test
    void whoComesBackInTimeWaitsBriefly() {
        late = GivingWay.LATE;

        for (int turn = 0; turn < 10; turn++) {
            assertThat(next(Long.MAX_VALUE)).isEqualTo(GivingWay.BRIEFLY);
        }
    }

    @Test
    void whoComesBackLateWaitsTwiceAsLongUpToASecond() {
        late = GivingWay.LATE + 1;
        next(Long.MAX_VALUE);

        for (long expected = GivingWay.LATE; expected < GivingWay.LONGEST; expected *= 2) {
            assertThat(next(Long.MAX_VALUE)).isEqualTo(expected);
        }
        assertThat(next(Long.MAX_VALUE)).isEqualTo(GivingWay.LONGEST);
        assertThat(next(Long.MAX_VALUE)).isEqualTo(GivingWay.LONGEST);
    }

    @Test
    void andLessAndLessAgainOnceItIsInTime() {
        late = GivingWay.LATE + 1;
        while (waits.isEmpty() || next(Long.MAX_VALUE) < GivingWay.LONGEST) {
            next(Long.MAX_VALUE);
        }
        late = 0;

        long before = next(Long.MAX_VALUE);
        while (before > 8) {
            long now = next(Long.MAX_VALUE);
            assertThat(now).isEqualTo(before - before / 8);
            before = now;
        }
    }

    @Test
    void andBrieflyAfterALongTimeWithoutATurn() {
        late = GivingWay.LATE + 1;
        next(Long.MAX_VALUE);
        assertThat(next(Long.MAX_VALUE)).isEqualTo(GivingWay.LATE);
        time.advance(Duration.ofNanos(GivingWay.LONG_AGO));
        assertThat(next(Long.MAX_VALUE)).isEqualTo(2 * GivingWay.LATE);

        time.advance(Duration.ofNanos(GivingWay.LONG_AGO + 1));

        assertThat(next(Long.MAX_VALUE)).isEqualTo(GivingWay.BRIEFLY);
    }

    @Test
    void neverLongerThanItMay() {
        late = GivingWay.LATE + 1;
        for (int turn = 0; turn < 20; turn++) {
            next(Long.MAX_VALUE);
        }

        assertThat(next(1_000)).isEqualTo(1_000);
        assertThat(next(0)).isEqualTo(GivingWay.BRIEFLY);
    }
}
