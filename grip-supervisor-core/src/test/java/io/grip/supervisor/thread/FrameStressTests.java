package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real threads against each other, for a bounded number of rounds: where they have no processor to themselves, and each
 * meeting takes a slice of time of whoever has it, as many as there is time for.
 */
@Timeout(120)
class FrameStressTests {

    private static final int ROUNDS = 20_000;
    private static final Duration ENOUGH = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int OVER = Integer.MAX_VALUE;

    private final ScriptedFrame first = new ScriptedFrame(ManualTime.create());
    private final ScriptedFrame second = new ScriptedFrame(ManualTime.create());

    private final AtomicInteger round = new AtomicInteger();
    private final long since = System.nanoTime();

    @Test
    void noInterruptOfOursIsSeenByTheNextStretchOfTheSameThread() throws InterruptedException {
        Thread owner = Thread.currentThread();
        ThreadSlot slot = ThreadSlot.current();
        Other looker = new Other(number -> first.look(owner));
        int stray = 0;
        int ours = 0;
        int played = 0;
        for (int number = 1; isWanted(number); number++) {
            slot.enter(first.due());
            meet(number, looker);
            ours += slot.leave(first) ? 1 : 0;
            // At once the next stretch, to which nobody means any harm.
            slot.enter(second);
            stray += owner.isInterrupted() ? 1 : 0;
            looker.awaitDone(number);
            stray += Thread.interrupted() ? 1 : 0;
            slot.leave(second);
            played = number;
        }
        looker.end();

        assertThat(stray).isZero();
        assertThat(ours).isPositive().isGreaterThanOrEqualTo(played / 3);
    }

    /** Unless it merges with ours, an interrupt by somebody else is still there when the stretch is over. */
    @Test
    void noForeignInterruptIsLostUnlessItMeetsOurs() throws InterruptedException {
        Thread owner = Thread.currentThread();
        ThreadSlot slot = ThreadSlot.current();
        Other other = new Other(number -> {
            if (number % 2 == 0) {
                owner.interrupt();
                first.look(owner);
            } else {
                first.look(owner);
                owner.interrupt();
            }
        });
        int lost = 0;
        int invented = 0;
        for (int number = 1; isWanted(number); number++) {
            boolean due = number % 5 != 0;
            first.due = () -> due;
            slot.enter(first);
            meet(number, other);
            boolean ours = slot.leave(first);
            other.awaitDone(number);
            boolean pending = Thread.interrupted();
            lost += !ours && !pending ? 1 : 0;
            invented += ours && !due ? 1 : 0;
        }
        other.end();

        assertThat(lost).isZero();
        assertThat(invented).isZero();
    }

    private boolean isWanted(int number) {
        return number <= ROUNDS && (number < 10 || System.nanoTime() - since < ENOUGH.toNanos());
    }

    /** Begins a round: in one third of them the other is too late, in one third in time, in one third they meet. */
    private void meet(int number, Other other) {
        round.set(number);
        if (number % 3 == 1) {
            await(other.begun, number);
            spin(number % 50);
        } else if (number % 3 == 2) {
            other.awaitDone(number);
        }
    }

    /** Does its part of each round, as soon as the round has begun, and a little sooner or later each time. */
    private final class Other extends Thread {
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private final IntConsumer part;

        private Other(IntConsumer part) {
            this.part = part;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            for (int number = 1; number <= ROUNDS; number++) {
                await(round, number);
                if (round.get() == OVER) {
                    return;
                }
                begun.set(number);
                spin(number % 37);
                part.accept(number);
                done.set(number);
            }
        }

        private void awaitDone(int number) {
            await(done, number);
        }

        private void end() throws InterruptedException {
            round.set(OVER);
            join();
        }
    }

    /** Takes no notice of an interrupt, so the test's own timeout is no bound for it. */
    private static void await(AtomicInteger counter, int number) {
        long since = System.nanoTime();
        for (int spins = 0; counter.get() < number; spins++) {
            if (spins < 1_000) {
                Thread.onSpinWait();
            } else {
                if (System.nanoTime() - since > PATIENCE.toNanos()) {
                    throw new AssertionError("the other thread has not come to round " + number);
                }
                Thread.yield();
            }
        }
    }

    private static void spin(int times) {
        for (int spins = 0; spins < times; spins++) {
            Thread.onSpinWait();
        }
    }
}
