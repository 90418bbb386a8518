package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.time.ManualTime;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads against each other, for a bounded number of rounds. */
@Timeout(120)
class FrameStressTests {

    private static final int ROUNDS = 20_000;

    private final ScriptedFrame first = new ScriptedFrame(ManualTime.create());
    private final ScriptedFrame second = new ScriptedFrame(ManualTime.create());

    private final AtomicInteger round = new AtomicInteger();

    @Test
    void noInterruptOfOursIsSeenByTheNextStretchOfTheSameThread() throws InterruptedException {
        Thread owner = Thread.currentThread();
        ThreadSlot slot = ThreadSlot.current();
        Other looker = new Other(number -> first.look(owner));
        int stray = 0;
        int ours = 0;
        for (int number = 1; number <= ROUNDS; number++) {
            slot.enter(first.due());
            meet(number, looker);
            ours += slot.leave(first) ? 1 : 0;
            // At once the next stretch, to which nobody means any harm.
            slot.enter(second);
            stray += owner.isInterrupted() ? 1 : 0;
            looker.awaitDone(number);
            stray += Thread.interrupted() ? 1 : 0;
            slot.leave(second);
        }
        looker.join();

        assertThat(stray).isZero();
        assertThat(ours).isGreaterThanOrEqualTo(ROUNDS / 3);
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
        for (int number = 1; number <= ROUNDS; number++) {
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
        other.join();

        assertThat(lost).isZero();
        assertThat(invented).isZero();
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
                begun.set(number);
                spin(number % 37);
                part.accept(number);
                done.set(number);
            }
        }

        private void awaitDone(int number) {
            await(done, number);
        }
    }

    private static void await(AtomicInteger counter, int number) {
        for (int spins = 0; counter.get() < number; spins++) {
            if (spins < 1_000) {
                Thread.onSpinWait();
            } else {
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
