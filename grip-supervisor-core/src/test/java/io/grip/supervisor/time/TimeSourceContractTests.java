package io.grip.supervisor.time;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link TimeSource} promises, of each clock there is. */
@ParameterizedClass
@EnumSource
class TimeSourceContractTests {

    enum Clock {
        SYSTEM(TimeSource.system()),
        MANUAL(ManualTime.create()),
        SELF_ADVANCING(ManualTime.selfAdvancing());

        private final TimeSource time;

        Clock(TimeSource time) {
            this.time = time;
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Clock clock;
    private final TimeSource time;

    TimeSourceContractTests(Clock clock) {
        this.clock = clock;
        this.time = clock.time;
    }

    @AfterEach
    void noInterruptIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void neverGoesBack() {
        long before = time.nanoTime();
        pass(ofMillis(2));
        assertThat(time.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
    }

    @Test
    void runsAnActionOnceAndNotBeforeItsTime() {
        List<Long> ranAt = new CopyOnWriteArrayList<>();
        long due = in(ofMillis(5));
        time.schedule(due, () -> ranAt.add(time.nanoTime()));

        passUntil(() -> !ranAt.isEmpty());
        pass(ofMillis(5));

        assertThat(ranAt).singleElement().satisfies(at -> assertThat(at - due).isNotNegative());
    }

    @Test
    void runsActionsInTheOrderOfTheirTimesAndThenOfTheirArrival() {
        List<String> ran = new CopyOnWriteArrayList<>();
        runTogether(() -> {
            long due = in(ofMillis(20));
            time.schedule(due + 1, () -> ran.add("later"));
            time.schedule(due, () -> ran.add("first"));
            time.schedule(due, () -> ran.add("second"));
            time.schedule(due - 1, () -> ran.add("sooner"));
        });

        passUntil(() -> ran.size() == 4);

        assertThat(ran).containsExactly("sooner", "first", "second", "later");
    }

    @Test
    void runsWhatIsOverdueSoonButNeverBeforeItWasScheduled() {
        AtomicBoolean scheduled = new AtomicBoolean();
        AtomicReference<Object> ran = new AtomicReference<>();
        Thread test = Thread.currentThread();
        time.schedule(time.nanoTime() - 1_000_000_000, () -> {
            // On another thread it may well run before this one gets on.
            ran.set(scheduled.get() || Thread.currentThread() != test);
        });
        scheduled.set(true);

        passUntil(() -> ran.get() != null);

        assertThat(ran).hasValue(true);
    }

    @Test
    void doesNotRunWhatWasCalledOff() {
        AtomicBoolean ran = new AtomicBoolean();
        AtomicBoolean later = new AtomicBoolean();
        runTogether(() -> {
            TimeSource.Timer timer = time.schedule(in(ofMillis(5)), () -> ran.set(true));
            assertThat(timer.cancel()).isTrue();
            assertThat(timer.cancel()).isFalse();
            time.schedule(in(ofMillis(6)), () -> later.set(true));
        });

        passUntil(later::get);

        assertThat(ran).isFalse();
    }

    /** Rings into a list. */
    private final class Bell extends Alarm {
        private final List<Long> rangAt = new CopyOnWriteArrayList<>();

        private boolean stop() {
            return callOff();
        }

        @Override
        protected void ring() {
            rangAt.add(time.nanoTime());
        }
    }

    @Test
    void ringsAnAlarmOnceForEachTimeItWasSet() {
        Bell bell = new Bell();
        long first = in(ofMillis(5));
        time.schedule(first, bell);
        passUntil(() -> bell.rangAt.size() == 1);
        long second = in(ofMillis(5));
        time.schedule(second, bell);
        passUntil(() -> bell.rangAt.size() == 2);
        pass(ofMillis(5));

        assertThat(bell.rangAt).hasSize(2);
        assertThat(bell.rangAt.get(0) - first).isNotNegative();
        assertThat(bell.rangAt.get(1) - second).isNotNegative();
    }

    @Test
    void doesNotRingAnAlarmThatWasCalledOffByItselfOrByItsHandle() {
        Bell bell = new Bell();
        AtomicBoolean later = new AtomicBoolean();
        assertThat(bell.stop()).as("before it was set").isFalse();
        runTogether(() -> {
            time.schedule(in(ofMillis(5)), bell);
            assertThat(bell.stop()).isTrue();
            assertThat(bell.stop()).isFalse();
            TimeSource.Timer handle = time.schedule(in(ofMillis(5)), bell);
            assertThat(handle.cancel()).isTrue();
            assertThat(handle.cancel()).isFalse();
            time.schedule(in(ofMillis(6)), () -> later.set(true));
        });

        passUntil(later::get);

        assertThat(bell.rangAt).isEmpty();
    }

    @Test
    void aHandleCallsOffNoMoreThanItsOwnSettingOfAnAlarm() {
        Bell bell = new Bell();
        TimeSource.Timer first = time.schedule(in(ofMillis(1)), bell);
        passUntil(() -> bell.rangAt.size() == 1);
        TimeSource.Timer second = time.schedule(in(Duration.ofHours(1)), bell);

        assertThat(first.cancel()).isFalse();
        assertThat(second.cancel()).isTrue();
    }

    @Test
    void doesNotSetAnAlarmThatIsSet() {
        Bell bell = new Bell();
        time.schedule(in(Duration.ofHours(1)), bell);

        assertThatThrownBy(() -> time.schedule(in(ofMillis(1)), bell)).isInstanceOf(IllegalStateException.class);

        assertThat(bell.stop()).isTrue();
    }

    @Test
    void saysThatItIsTooLateToCallOffWhatRunsOrHasRun() {
        AtomicReference<TimeSource.Timer> timer = new AtomicReference<>();
        AtomicReference<Boolean> within = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        if (clock == Clock.SYSTEM) {
            timer.set(time.schedule(in(ofMillis(1)), () -> {
                awaitLatch(known);
                within.set(timer.get().cancel());
            }));
        } else {
            timer.set(
                    time.schedule(in(ofMillis(1)), () -> within.set(timer.get().cancel())));
        }
        known.countDown();

        passUntil(() -> within.get() != null);

        assertThat(within).hasValue(false);
        assertThat(timer.get().cancel()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesWhatAnActionThrowsToTheHandlerOfItsThreadAndRunsTheOthers(boolean handlerThrowsToo) {
        List<Throwable> handled = new CopyOnWriteArrayList<>();
        AtomicBoolean other = new AtomicBoolean();
        AssertionError thrown = new AssertionError("thrown by an action");
        AtomicReference<Thread> thread = new AtomicReference<>();
        time.schedule(in(ofMillis(2)), () -> {
            thread.set(Thread.currentThread());
            Thread.currentThread().setUncaughtExceptionHandler((where, what) -> {
                handled.add(what);
                if (handlerThrowsToo) {
                    throw new IllegalStateException("thrown by the handler");
                }
            });
            throw thrown;
        });
        time.schedule(in(ofMillis(3)), () -> other.set(true));

        passUntil(other::get);

        thread.get().setUncaughtExceptionHandler(null);
        assertThat(handled).containsExactly(thrown);
    }

    @Test
    void letsAnActionScheduleAnother() {
        List<String> ran = new CopyOnWriteArrayList<>();
        time.schedule(in(ofMillis(1)), () -> {
            ran.add("one");
            time.schedule(in(ofMillis(1)), () -> ran.add("two"));
        });

        passUntil(() -> ran.size() == 2);

        assertThat(ran).containsExactly("one", "two");
    }

    @Test
    void parksUntilAPointInTime() throws InterruptedException {
        long until = in(ofMillis(5));
        Parked parked = new Parked(() -> {
            while (until - time.nanoTime() > 0) {
                time.parkUntil(until);
            }
        });
        parked.start();
        if (clock == Clock.MANUAL) {
            ((ManualTime) time).awaitWaitingThreads(1, PATIENCE);
            assertThat(parked.isAlive()).isTrue();
            pass(ofMillis(5));
        }
        parked.joinOrFail();

        assertThat(time.nanoTime() - until).isNotNegative();
    }

    @Test
    void doesNotParkForAPointInThePast() {
        time.parkUntil(time.nanoTime());
        time.parkUntil(time.nanoTime() - 1);
        time.parkUntil(time.nanoTime() - Nanos.LONGEST);
    }

    @Test
    void doesNotParkAnInterruptedThreadAndKeepsItsFlag() {
        long before = time.nanoTime();
        Thread.currentThread().interrupt();

        time.parkUntil(before + Nanos.LONGEST);
        time.park();

        assertThat(Thread.interrupted()).isTrue();
        if (clock != Clock.SYSTEM) {
            assertThat(time.nanoTime()).isEqualTo(before);
        }
    }

    @Test
    void wakesAParkedThreadByUnparkAndByInterrupt() throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        // The waits end for no reason but these: nothing is scheduled, so a self-advancing clock has nowhere to go.
        Parked unparked = new Parked(() -> parkWhile(() -> !over.get()));
        Parked interrupted =
                new Parked(() -> parkWhile(() -> !Thread.currentThread().isInterrupted()));
        unparked.start();
        interrupted.start();
        awaitParked(unparked, interrupted);

        over.set(true);
        LockSupport.unpark(unparked);
        interrupted.interrupt();

        unparked.joinOrFail();
        interrupted.joinOrFail();
    }

    @Test
    void keepsAFarPointInTimeFar() {
        AtomicBoolean ran = new AtomicBoolean();
        AtomicBoolean near = new AtomicBoolean();
        TimeSource.Timer timer =
                time.schedule(Nanos.after(time.nanoTime(), Duration.ofDays(100_000)), () -> ran.set(true));
        time.schedule(in(ofMillis(1)), () -> near.set(true));

        passUntil(near::get);

        assertThat(timer.cancel()).isTrue();
        assertThat(ran).isFalse();
    }

    private void parkWhile(BooleanSupplier condition) {
        while (condition.getAsBoolean()) {
            time.park();
        }
    }

    private static void awaitParked(Thread... threads) {
        for (Thread thread : threads) {
            await().atMost(PATIENCE).until(thread::getState, Thread.State.WAITING::equals);
        }
    }

    /**
     * Does this, and no action runs meanwhile, however long it takes: on a clock that moves by itself, as an action on the
     * one thread that runs them.
     */
    private void runTogether(Runnable body) {
        if (clock != Clock.SYSTEM) {
            body.run();
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        time.schedule(time.nanoTime(), () -> {
            try {
                body.run();
                done.complete(null);
            } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
            }
        });
        assertThat(done).succeedsWithin(PATIENCE);
    }

    private long in(Duration span) {
        return Nanos.after(time.nanoTime(), span);
    }

    private void pass(Duration span) {
        if (time instanceof ManualTime manual) {
            manual.advance(span);
            return;
        }
        long until = in(span);
        while (until - time.nanoTime() > 0) {
            time.parkUntil(until);
        }
    }

    private void passUntil(BooleanSupplier condition) {
        if (time instanceof ManualTime manual) {
            manual.advance(Duration.ofSeconds(1));
            assertThat(condition.getAsBoolean()).isTrue();
        } else {
            await().atMost(PATIENCE).pollInterval(ofMillis(1)).until(condition::getAsBoolean);
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private static final class Parked extends Thread {
        private Parked(Runnable body) {
            super(body);
            setDaemon(true);
        }

        private void joinOrFail() throws InterruptedException {
            join(PATIENCE.toMillis());
            assertThat(isAlive()).isFalse();
        }
    }
}
