package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The agreement on who may interrupt a thread, one interleaving at a time. */
class FrameTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final ThreadSlot slot = ThreadSlot.current();
    private final Thread thread = Thread.currentThread();
    private final ScriptedFrame frame = new ScriptedFrame(time);

    @AfterEach
    void nothingIsLeft() {
        Frame left = slot.top();
        for (Frame top = left; top != null; top = slot.top()) {
            slot.leave(top);
        }
        assertThat(Thread.interrupted()).isFalse();
        assertThat(left).isNull();
    }

    @Test
    void isNotInterruptedBeforeItBeginsNorAfterItHasEnded() {
        frame.due();
        frame.look(thread);
        slot.enter(frame);
        assertThat(slot.leave(frame)).isFalse();
        frame.look(thread);

        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void isNotInterruptedUnlessThatIsDue() {
        slot.enter(frame);
        frame.look(thread);

        assertThat(thread.isInterrupted()).isFalse();
        assertThat(slot.leave(frame)).isFalse();
    }

    @Test
    void clearsOurInterruptAtItsEnd() {
        slot.enter(frame.due());
        frame.look(thread);
        assertThat(thread.isInterrupted()).isTrue();
        assertThat(frame.wasInterrupted()).isTrue();

        assertThat(slot.leave(frame)).isTrue();

        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void clearsOurInterruptAlsoWhereTheTaskSwallowedAndRestoredIt() {
        slot.enter(frame.due());
        frame.look(thread);
        assertThat(Thread.interrupted()).isTrue();
        thread.interrupt();

        assertThat(slot.leave(frame)).isTrue();

        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void interruptsOnce() {
        slot.enter(frame.due());
        frame.look(thread);
        assertThat(Thread.interrupted()).isTrue();
        frame.look(thread);

        assertThat(thread.isInterrupted()).isFalse();
        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void leavesAForeignInterruptAlone() {
        slot.enter(frame);
        thread.interrupt();
        frame.look(thread);

        assertThat(slot.leave(frame)).isFalse();

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void doesNotInterruptAThreadWhoseFlagIsSetButLooksAgainEachTick() {
        slot.enter(frame.due());
        thread.interrupt();

        frame.look(thread);
        assertThat(frame.wasInterrupted()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(frame.wasInterrupted()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        time.advance(Duration.ofMillis(1));

        assertThat(frame.wasInterrupted()).isTrue();
        assertThat(thread.isInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void isInterruptedAnewInEachUse() {
        for (int use = 0; use < 3; use++) {
            slot.enter(frame.due());
            frame.look(thread);
            assertThat(slot.leave(frame)).isTrue();
        }
    }

    @Test
    void asksForTheNextLookWhenItIsNotDueYet() {
        slot.enter(frame);
        frame.nextDue = time.nanoTime() + 5_000_000;
        frame.look(thread);
        frame.due();

        time.advance(Duration.ofNanos(4_999_999));
        assertThat(thread.isInterrupted()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(thread.isInterrupted()).isTrue();

        slot.leave(frame);
    }

    @Test
    void looksAtTheOuterFrameFirstAndLeavesTheInnerOneAlone() {
        ScriptedFrame inner = new ScriptedFrame(time);
        slot.enter(frame.due());
        slot.enter(inner.due());

        slot.look();

        assertThat(frame.wasInterrupted()).isTrue();
        assertThat(inner.wasInterrupted()).isFalse();
        assertThat(inner.outerInterrupted()).isTrue();
        assertThat(slot.leave(inner)).isFalse();
        assertThat(thread.isInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void keepsTheFlagForAnOuterFrameThatWasInterruptedToo() {
        ScriptedFrame inner = new ScriptedFrame(time);
        slot.enter(frame);
        slot.enter(inner.due());
        slot.look();
        assertThat(Thread.interrupted()).isTrue();
        frame.due();
        slot.look();
        assertThat(frame.wasInterrupted()).isTrue();

        assertThat(slot.leave(inner)).isTrue();

        assertThat(thread.isInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void interruptsTheOuterFrameOnceTheInnerOneHasHadItsOwn() {
        ScriptedFrame inner = new ScriptedFrame(time);
        slot.enter(frame);
        slot.enter(inner.due());
        slot.look();
        frame.due();
        slot.look();
        assertThat(frame.wasInterrupted()).isFalse();

        assertThat(slot.leave(inner)).isTrue();
        assertThat(thread.isInterrupted()).isFalse();
        time.advance(Duration.ofMillis(1));

        assertThat(thread.isInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
    }

    /** The first looker has decided that nothing is due; then it is, and the second looker must not take its word. */
    @Test
    void looksAgainAfterAnotherLookerHasLetGo() {
        CountDownLatch deciding = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        slot.enter(frame);
        frame.due = () -> {
            deciding.countDown();
            awaitQuietly(goOn);
            return false;
        };
        Thread first = start(() -> frame.look(thread));
        awaitQuietly(deciding);
        frame.due();
        Thread second = start(() -> frame.look(thread));
        awaitSpinning(second);
        goOn.countDown();
        awaitEnd(first, second);

        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void looksAgainAfterTheFrameWasHeldForSomethingElse() {
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        slot.enter(frame.due());
        Thread holder = start(() -> frame.hold(() -> {
            holding.countDown();
            awaitQuietly(goOn);
        }));
        awaitQuietly(holding);
        Thread looker = start(() -> frame.look(thread));
        awaitSpinning(looker);
        goOn.countDown();
        awaitEnd(holder, looker);

        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void doesNotEndWhileItIsHeld() {
        CountDownLatch deciding = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean left = new AtomicBoolean();
        AtomicBoolean leftTooSoon = new AtomicBoolean();
        AtomicBoolean ours = new AtomicBoolean();
        CountDownLatch entered = new CountDownLatch(1);
        Thread owner = start(() -> {
            ThreadSlot own = ThreadSlot.current();
            own.enter(frame);
            entered.countDown();
            awaitQuietly(deciding);
            ours.set(own.leave(frame));
            left.set(true);
        });
        awaitQuietly(entered);
        frame.due = () -> {
            deciding.countDown();
            awaitQuietly(goOn);
            leftTooSoon.set(left.get());
            return true;
        };
        Thread looker = start(() -> frame.look(owner));
        awaitSpinning(owner);
        goOn.countDown();
        awaitEnd(owner, looker);

        assertThat(leftTooSoon).isFalse();
        assertThat(ours).isTrue();
        assertThat(owner.isInterrupted()).isFalse();
    }

    @Test
    void canBeHeldAfterItWasInterruptedAndStaysSo() {
        AtomicBoolean held = new AtomicBoolean();
        slot.enter(frame.due());
        frame.look(thread);

        assertThat(frame.hold(() -> held.set(frame.wasInterrupted() && frame.isRunning())))
                .isTrue();

        assertThat(held).isTrue();
        assertThat(frame.wasInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void cannotBeHeldBeforeItBeginsNorAfterItHasEnded() {
        assertThat(frame.hold(() -> {})).isFalse();
        slot.enter(frame);
        assertThat(frame.hold(() -> {})).isTrue();
        slot.leave(frame);
        assertThat(frame.hold(() -> {})).isFalse();
    }

    @Test
    void letsGoWhereTheDecisionFails() {
        slot.enter(frame);
        frame.due = () -> {
            throw new IllegalStateException("cannot decide");
        };
        Runnable failing = () -> {
            throw new IllegalStateException("cannot act");
        };

        assertThatThrownBy(() -> frame.look(thread)).hasMessage("cannot decide");
        assertThatThrownBy(() -> frame.hold(failing)).hasMessage("cannot act");

        assertThat(slot.leave(frame)).isFalse();
    }

    private static Thread start(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Until the thread spins on a claim, which shows only in where it is. */
    private static void awaitSpinning(Thread thread) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            for (StackTraceElement element : thread.getStackTrace()) {
                if (element.getMethodName().equals("settled")) {
                    return true;
                }
            }
            return false;
        });
    }

    /** Without any wait that an interrupt could end, since one may be meant for this thread. */
    private static void awaitEnd(Thread... threads) {
        long patience = System.nanoTime() + PATIENCE.toNanos();
        for (Thread thread : threads) {
            while (thread.isAlive() && System.nanoTime() - patience < 0) {
                Thread.yield();
            }
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
