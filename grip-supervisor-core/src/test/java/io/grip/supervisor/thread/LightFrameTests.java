package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A frame that is entered lightly, and those who want it all the same, one interleaving at a time. */
class LightFrameTests {

    private static final long PATIENCE_SECONDS = 20;

    private final ThreadSlot slot = ThreadSlot.current();
    private final Thread thread = Thread.currentThread();
    private final ScriptedFrame frame = new ScriptedFrame(ManualTime.create());

    @AfterEach
    void nothingIsLeft() {
        if (!slot.isFree()) {
            slot.leave(frame);
        }
        slot.putBase(null);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void isInUseUntilItIsLeft() {
        enter();
        assertThat(frame.isRunning()).isTrue();
        assertThat(slot.top()).isSameAs(frame);

        assertThat(slot.leave(frame)).isFalse();

        assertThat(frame.isRunning()).isFalse();
        assertThat(slot.top()).isNull();
    }

    @Test
    void isInterruptedByAnotherThreadLikeAnyFrameAndClearsThat() throws InterruptedException {
        enter();
        elsewhere(() -> frame.due().look(thread));
        assertThat(thread.isInterrupted()).isTrue();
        assertThat(frame.wasInterrupted()).isTrue();

        assertThat(slot.leave(frame)).isTrue();

        assertThat(thread.isInterrupted()).isFalse();
        assertThat(frame.isRunning()).isFalse();
    }

    @Test
    void isLeftAloneByLookersWhoHaveNoReason() throws InterruptedException {
        frame.becomePristine();
        enter();
        frame.mayBeDue = false;
        elsewhere(() -> frame.due().look(thread));

        assertThat(thread.isInterrupted()).isFalse();
        assertThat(slot.leave(frame)).isFalse();
        assertThat(frame.isPristine()).isTrue();
    }

    @Test
    void isNotInterruptedAfterItWasLeftNorInItsNextUse() throws InterruptedException {
        enter();
        slot.leave(frame);
        elsewhere(() -> frame.due().look(thread));
        assertThat(thread.isInterrupted()).isFalse();

        frame.due = () -> false;
        enter();
        elsewhere(() -> frame.look(thread));

        assertThat(thread.isInterrupted()).isFalse();
        assertThat(slot.leave(frame)).isFalse();
    }

    @Test
    void canBeUsedAgainLightlyAfterItWasInterrupted() throws InterruptedException {
        enter();
        elsewhere(() -> frame.due().look(thread));
        slot.leave(frame);

        frame.due = () -> false;
        frame.becomePristine();
        enter();
        assertThat(slot.leave(frame)).isFalse();

        assertThat(frame.isPristine()).isTrue();
        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void isNoLongerPristineOnceSomebodyHasWantedIt() throws InterruptedException {
        frame.becomePristine();
        enter();
        elsewhere(() -> assertThat(frame.hold(() -> {})).isTrue());
        slot.leave(frame);

        assertThat(frame.isPristine()).isFalse();
    }

    @Test
    void holdsAnActionOfAnothersWithinItsUseOrNotAtAll() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        elsewhere(() -> assertThat(frame.hold(() -> done.set(true))).isFalse());
        enter();
        elsewhere(() -> assertThat(frame.hold(() -> done.set(true))).isTrue());
        assertThat(done).isTrue();
        slot.leave(frame);
        elsewhere(() -> assertThat(frame.hold(() -> done.set(false))).isFalse());

        assertThat(done).isTrue();
    }

    @Test
    void isInterruptedAfterItsOwnerHasGuardedIt() throws InterruptedException {
        enter();
        frame.guardByOwner();
        frame.guardByOwner();
        assertThat(frame.isRunning()).isTrue();
        elsewhere(() -> frame.due().look(thread));
        assertThat(thread.isInterrupted()).isTrue();

        assertThat(slot.leave(frame)).isTrue();
        assertThat(frame.isRunning()).isFalse();
    }

    @Test
    void isGuardedByItsOwnerAfterAnotherHasDoneSo() throws InterruptedException {
        enter();
        elsewhere(() -> frame.hold(() -> {}));
        frame.guardByOwner();
        elsewhere(() -> frame.due().look(thread));

        assertThat(slot.leave(frame)).isTrue();
        assertThat(frame.isRunning()).isFalse();
    }

    @Test
    void isNotInterruptedWhileItsOwnerHoldsItButAfterwards() throws InterruptedException {
        enter();
        assertThat(frame.tryHold()).isTrue();
        Thread looker = new Thread(() -> frame.due().look(thread));
        looker.start();
        // Its place shows that it has found the frame held, and waits.
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .until(() -> Arrays.stream(looker.getStackTrace())
                        .anyMatch(at -> at.getMethodName().equals("settledLight")));
        assertThat(thread.isInterrupted()).isFalse();
        assertThat(frame.isRunning()).isTrue();

        frame.letGo();
        join(looker);

        assertThat(frame.wasInterrupted()).isTrue();
        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void keepsAForeignInterruptWhileItWaitsForWhoeverWantsIt() throws InterruptedException {
        enter();
        assertThat(frame.tryHold()).isTrue();
        Thread looker = new Thread(() -> frame.due().look(thread));
        looker.start();
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .until(() -> Arrays.stream(looker.getStackTrace())
                        .anyMatch(at -> at.getMethodName().equals("settledLight")));
        thread.interrupt();
        frame.letGo();

        assertThat(slot.leave(frame)).isFalse();

        assertThat(Thread.interrupted()).isTrue();
        join(looker);
    }

    @Test
    void canBeHeldByItsOwnerAfterAnotherHasGuardedItUnlessItWasInterrupted() throws InterruptedException {
        enter();
        elsewhere(() -> frame.hold(() -> {}));
        assertThat(frame.tryHold()).isTrue();
        frame.letGo();
        elsewhere(() -> frame.due().look(thread));
        assertThat(frame.tryHold()).isFalse();

        assertThat(slot.leave(frame)).isTrue();
    }

    @Test
    void isSeenByWhoeverLooksAtAllFrames() throws InterruptedException {
        enter();
        frame.due();
        elsewhere(ThreadSlot::lookAtAll);

        assertThat(slot.leave(frame)).isTrue();
    }

    private void enter() {
        slot.putBase(frame);
        slot.enterBaseLightly(frame);
    }

    /** Does something on another thread, and is back when that has ended; what it throws is thrown here. */
    private static void elsewhere(Runnable action) throws InterruptedException {
        Throwable[] thrown = {null};
        Thread other = new Thread(action);
        other.setUncaughtExceptionHandler((ignored, failure) -> thrown[0] = failure);
        other.start();
        join(other);
        assertThat(thrown[0]).isNull();
    }

    /** Also where this thread's flag is set: whose that is, is what the tests are about. */
    private static void join(Thread other) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        boolean ended = false;
        while (!ended) {
            try {
                other.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
                ended = true;
            } catch (InterruptedException byTheOther) {
                interrupted = true;
            }
        }
        assertThat(other.isAlive()).isFalse();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
