package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.time.ManualTime;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTests {

    private final ManualTime time = ManualTime.create();
    private final ThreadSlot slot = ThreadSlot.current();
    private final ScriptedFrame frame = new ScriptedFrame(time);

    @AfterEach
    void nothingIsLeft() {
        for (Frame top = slot.top(); top != null; top = slot.top()) {
            slot.leave(top);
        }
        Thread.currentThread().setUncaughtExceptionHandler(null);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void isTheSameForAllWhoGoByOneClock() {
        Watchdog watchdog = Watchdog.of(time);

        assertThat(Watchdog.of(time)).isSameAs(watchdog);
        assertThat(Watchdog.of(ManualTime.create())).isNotSameAs(watchdog);
        assertThat(watchdog.time()).isSameAs(time);
    }

    @Test
    void schedulesOneLookForTheNearestLimitHoweverManyThereAre() {
        long now = time.nanoTime();
        frame.watchdog().watch(now + 10);
        frame.watchdog().watch(now + 20);
        assertThat(time.pendingTimers()).isOne();
        frame.watchdog().watch(now + 5);

        assertThat(time.pendingTimers()).isOne();
    }

    @Test
    void interruptsAtTheLimitAndNotBefore() {
        long limit = time.nanoTime() + 10;
        frame.nextDue = limit;
        frame.due = () -> time.nanoTime() - limit >= 0;
        slot.enter(frame);
        frame.watchdog().watch(limit);

        time.advance(Duration.ofNanos(9));
        assertThat(frame.wasInterrupted()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(frame.wasInterrupted()).isTrue();
    }

    @Test
    void findsALaterLimitWhenItLooksForANearerOne() {
        long limit = time.nanoTime() + 10;
        frame.nextDue = limit;
        frame.due = () -> time.nanoTime() - limit >= 0;
        frame.watchdog().watch(limit - 5);
        slot.enter(frame);
        frame.watchdog().watch(limit);

        time.advance(Duration.ofNanos(5));
        assertThat(frame.wasInterrupted()).isFalse();
        assertThat(time.pendingTimers()).isOne();
        time.advance(Duration.ofNanos(5));
        assertThat(frame.wasInterrupted()).isTrue();
    }

    @Test
    void isSilentWhileNothingRuns() {
        frame.watchdog().watch(time.nanoTime() + 10);
        time.advance(Duration.ofNanos(10));

        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void looksAgainATickAfterALookThatBrokeOff() {
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        AtomicInteger looks = new AtomicInteger();
        frame.due = () -> {
            if (looks.getAndIncrement() == 0) {
                throw new OutOfMemoryError("made up");
            }
            return true;
        };
        slot.enter(frame);
        frame.watchdog().watch(time.nanoTime() + 10);

        time.advance(Duration.ofNanos(10));
        assertThat(frame.wasInterrupted()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(frame.wasInterrupted()).isTrue();
        assertThat(reported).singleElement().isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void keepsTheLookThatWasToComeWhereANearerOneCannotBeScheduled() {
        AtomicInteger schedules = new AtomicInteger();
        TimeSource failing = new ForwardingTime(time) {
            @Override
            public Timer schedule(long at, Runnable action) {
                if (schedules.incrementAndGet() == 2) {
                    throw new OutOfMemoryError("made up");
                }
                return super.schedule(at, action);
            }
        };
        ScriptedFrame watched = new ScriptedFrame(failing).due();
        slot.enter(watched);
        long now = time.nanoTime();
        watched.watchdog().watch(now + 10);
        assertThatThrownBy(() -> watched.watchdog().watch(now + 5)).hasMessage("made up");

        time.advance(Duration.ofNanos(10));
        assertThat(watched.wasInterrupted()).isTrue();
        // And it goes on as if nothing had been.
        assertThat(slot.leave(watched)).isTrue();
        slot.enter(watched);
        watched.watchdog().watch(time.nanoTime() + 1);
        time.advance(Duration.ofNanos(1));
        assertThat(watched.wasInterrupted()).isTrue();
    }
}
