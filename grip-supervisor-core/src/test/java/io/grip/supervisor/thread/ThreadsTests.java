package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** What the threads of the library owe to those of others. */
class ThreadsTests {

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
                for (long rest = Threads.BRIEFLY; !over.get(); ) {
                    rest = Threads.giveWay(rest);
                }
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
    @DisplayName(
            "nor do those keep it from running that work a while before they give way, and so are never all waiting")
    void whoWorksAndGivesWayLetsThoseFromElsewhereRun() throws Exception {
        assumeTrue(Threads.haveVirtual());
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < 200 * Runtime.getRuntime().availableProcessors(); i++) {
            Threads.start("busy", () -> {
                for (long rest = Threads.BRIEFLY; !over.get(); ) {
                    for (int work = 0; work < 2_000; work++) {
                        Thread.onSpinWait();
                    }
                    rest = Threads.giveWay(rest);
                }
            });
        }

        try {
            for (int i = 0; i < 20; i++) {
                CountDownLatch ran = new CountDownLatch(1);
                Threads.start("from elsewhere", ran::countDown);
                assertThat(ran.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            over.set(true);
        }
    }
}
