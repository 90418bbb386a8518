package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grip.supervisor.time.ManualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadSlotTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();
    private final ThreadSlot slot = ThreadSlot.current();

    @AfterEach
    void nothingIsLeft() {
        for (Frame top = slot.top(); top != null; top = slot.top()) {
            slot.leave(top);
        }
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void belongsToItsThread() throws InterruptedException {
        AtomicReference<ThreadSlot> other = new AtomicReference<>();
        join(start(() -> other.set(ThreadSlot.current())));

        assertThat(ThreadSlot.current()).isSameAs(slot);
        assertThat(other.get()).isNotNull().isNotSameAs(slot);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void staysTheSameAsLongAsItHasFrames(boolean virtual) throws InterruptedException {
        AtomicBoolean same = new AtomicBoolean(true);
        Runnable body = () -> {
            ScriptedFrame base = new ScriptedFrame(time);
            ScriptedFrame inner = new ScriptedFrame(time);
            for (boolean lightly : new boolean[] {true, false}) {
                ThreadSlot own = ThreadSlot.current();
                own.putBase(base);
                if (lightly) {
                    own.enterBaseLightly(base);
                } else {
                    own.enterBase(base);
                }
                boolean found = ThreadSlot.current() == own;
                own.enter(inner);
                found &= ThreadSlot.current() == own;
                own.leave(inner);
                found &= ThreadSlot.current() == own;
                own.leaveBase(base);
                if (!found || !ThreadSlot.current().isFree()) {
                    same.set(false);
                }
            }
        };
        join(virtual ? Threads.start("test", body) : start(body));

        assertThat(same.get()).isTrue();
    }

    /** There are more threads than places in which a slot is found by its thread's id, so some share one. */
    @Test
    void belongsToItsThreadHoweverManyThereAre() throws InterruptedException {
        int threads = 600;
        Set<ThreadSlot> slots = ConcurrentHashMap.newKeySet();
        AtomicInteger changed = new AtomicInteger();
        CountDownLatch allHaveOne = new CountDownLatch(threads);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(start(() -> {
                ThreadSlot own = ThreadSlot.current();
                slots.add(own);
                allHaveOne.countDown();
                awaitQuietly(allHaveOne);
                changed.addAndGet(ThreadSlot.current() == own ? 0 : 1);
            }));
        }
        for (Thread thread : all) {
            join(thread);
        }

        assertThat(slots).hasSize(threads);
        assertThat(changed).hasValue(0);
    }

    @Test
    void belongsToItsThreadAlsoWhereThatHasAnIdOfItsOwn() throws InterruptedException {
        AtomicReference<ThreadSlot> other = new AtomicReference<>();
        long id = Thread.currentThread().getId();
        Thread impostor = new Thread(() -> other.set(ThreadSlot.current())) {
            @Override
            public long getId() {
                return id;
            }
        };
        impostor.start();
        join(impostor);

        assertThat(other.get()).isNotNull().isNotSameAs(slot);
        assertThat(ThreadSlot.current()).isSameAs(slot);
    }

    @Test
    void letsGoOfThreadsThatHaveDiedOnceOthersCome() throws InterruptedException {
        List<WeakReference<Thread>> dead = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            dead.add(oneThatDies());
        }
        for (int i = 0; i < 128; i++) {
            oneThatDies();
        }

        await().atMost(PATIENCE).until(() -> {
            System.gc();
            return dead.stream().allMatch(thread -> thread.get() == null);
        });
    }

    @Test
    void stacksItsFrames() {
        ScriptedFrame outer = new ScriptedFrame(time);
        ScriptedFrame inner = new ScriptedFrame(time);
        slot.enter(outer);
        slot.enter(inner);
        assertThat(slot.top()).isSameAs(inner);
        assertThat(inner.outer()).isSameAs(outer);
        assertThat(outer.outer()).isNull();

        slot.leave(inner);
        assertThat(slot.top()).isSameAs(outer);
        assertThat(inner.isRunning()).isFalse();
        slot.leave(outer);
        assertThat(slot.top()).isNull();
    }

    @Test
    void putsOneFrameInThePlaceOfItsBase() {
        ScriptedFrame base = new ScriptedFrame(time).due();
        ScriptedFrame second = new ScriptedFrame(time);
        slot.putBase(base);
        slot.enterBase(base);
        slot.look();

        assertThat(slot.replace(base, second)).isTrue();

        assertThat(slot.top()).isSameAs(second);
        assertThat(second.outer()).isNull();
        assertThat(base.isRunning()).isFalse();
        assertThat(second.isRunning()).isTrue();
        assertThat(slot.base()).isNull();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(slot.leave(second)).isFalse();
        assertThat(slot.isFree()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void restsBetweenItsFramesAndIsNeverFree(boolean lightly) {
        ScriptedFrame standing = standing();
        ScriptedFrame base = new ScriptedFrame(time);
        slot.putBase(base);
        enterBase(base, lightly);

        assertRests(base, standing);
        assertThat(slot.base()).as("kept for the next call").isSameAs(base);
        ScriptedFrame following = new ScriptedFrame(time);
        goOn(following, lightly);
        assertThat(slot.top()).isSameAs(following);
        assertThat(following.outer()).isNull();
        assertThat(following.isRunning()).isTrue();
        assertRests(following, standing);
        slot.endRest();

        assertThat(slot.top()).isNull();
        assertThat(slot.isFree()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        slot.putBase(null);
    }

    private void assertRests(Frame last, Frame standing) {
        slot.rest(last, standing);
        assertThat(last.isRunning()).isFalse();
        assertThat(slot.top()).isSameAs(standing);
        assertThat(slot.isFree()).isFalse();
        slot.look();
        assertThat(standing.isRunning()).as("stands for others as well").isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isLookedAtInTheFrameInWhichItGoesOn(boolean lightly) {
        ScriptedFrame before = new ScriptedFrame(time);
        slot.enter(before);
        ScriptedFrame following = new ScriptedFrame(time).due();
        // It was once used above another.
        slot.enter(following);
        slot.leave(following);
        slot.rest(before, standing());

        goOn(following, lightly);
        slot.look();

        assertThat(following.outer()).isNull();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(slot.leave(following)).isTrue();
        assertThat(slot.isFree()).isTrue();
    }

    /** A million of them may rest at once. */
    @Test
    void ofAVirtualThreadThatRestsHasNothingButIsFoundAllTheSame() throws InterruptedException {
        assumeTrue(Threads.haveVirtual());
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        join(Threads.start("test", () -> {
            ThreadSlot own = ThreadSlot.current();
            ScriptedFrame base = new ScriptedFrame(time);
            ScriptedFrame following = new ScriptedFrame(time);
            ScriptedFrame standing = standing();
            own.putBase(base);
            own.enterBaseLightly(base);
            own.rest(base, standing);
            own.putSpare(base);
            check(wrong, "let go of its base", own.base() == null && own.takeSpare() == null);
            check(wrong, "is found by its thread", ThreadSlot.current() == own);
            check(wrong, "is found by others", ThreadSlot.anyFrame(frame -> frame == standing));
            own.goOnLightly(following);
            check(wrong, "is found again", ThreadSlot.current() == own && own.top() == following);
            own.leave(following);
            check(wrong, "is gone", ThreadSlot.current() != own && !ThreadSlot.anyFrame(frame -> frame == following));
            own.enterBaseLightly(base);
            own.rest(base, standing);
            own.endRest();
            check(wrong, "is gone without a frame", !ThreadSlot.anyFrame(frame -> frame == standing));
        }));

        assertThat(wrong).isEmpty();
    }

    private ScriptedFrame standing() {
        ScriptedFrame frame = new ScriptedFrame(time);
        frame.mayBeDue = false;
        frame.standForGood();
        return frame;
    }

    private static void check(List<String> wrong, String what, boolean holds) {
        if (!holds) {
            wrong.add(what);
        }
    }

    private void goOn(Frame frame, boolean lightly) {
        if (lightly) {
            slot.goOnLightly(frame);
        } else {
            slot.goOn(frame);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hasItsBaseBelowAllOtherFrames(boolean lightly) {
        ScriptedFrame base = new ScriptedFrame(time);
        ScriptedFrame inner = new ScriptedFrame(time);
        slot.putBase(base);
        assertThat(slot.isFree()).isTrue();
        assertThat(slot.top()).isNull();

        for (int use = 0; use < 2; use++) {
            enterBase(base, lightly);
            assertThat(slot.isFree()).isFalse();
            assertThat(slot.top()).isSameAs(base);
            slot.enter(inner);
            assertThat(slot.top()).isSameAs(inner);
            assertThat(inner.outer()).isSameAs(base);
            assertThat(slot.isDeeperThan(1)).isTrue();
            assertThat(slot.isDeeperThan(2)).isFalse();
            slot.leave(inner);
            assertThat(slot.top()).isSameAs(base);
            slot.leave(base);
            assertThat(slot.top()).isNull();
            assertThat(slot.isFree()).isTrue();
        }
        slot.putBase(null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesItsBasePristineUntilThatIsInterrupted(boolean beforeAtomic) {
        ScriptedFrame base = new ScriptedFrame(time);
        slot.putBase(base);
        base.becomePristine();
        for (int use = 0; use < 2; use++) {
            if (beforeAtomic) {
                slot.enterBaseBeforeAtomic(base);
            } else {
                slot.enterBase(base);
            }
            base.look(Thread.currentThread());
            assertThat(slot.leaveBase(base)).isFalse();
            assertThat(base.isPristine()).isTrue();
        }

        slot.enterBase(base);
        base.due().look(Thread.currentThread());

        assertThat(slot.leaveBase(base)).isTrue();
        assertThat(base.isPristine()).isFalse();
        slot.putBase(null);
    }

    private void enterBase(ScriptedFrame base, boolean lightly) {
        if (lightly) {
            slot.enterBaseLightly(base);
        } else {
            slot.enterBase(base);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void showsTheFramesOfAllThreadsWhileTheyHaveAny(boolean virtual) throws InterruptedException {
        ScriptedFrame frame = new ScriptedFrame(time);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Runnable body = () -> {
            ThreadSlot own = ThreadSlot.current();
            own.enter(frame);
            entered.countDown();
            awaitQuietly(goOn);
            own.leave(frame);
        };
        Thread thread = virtual ? Threads.start("test", body) : start(body);
        awaitQuietly(entered);
        assertThat(frames()).contains(frame);

        goOn.countDown();
        join(thread);
        assertThat(frames()).doesNotContain(frame);
    }

    @Test
    void awaitsACondition() throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        Thread waiter = start(() -> ThreadSlot.current().await(time, null, over::get));
        time.awaitWaitingThreads(1, PATIENCE);
        over.set(true);
        ThreadSlot.lookAtAll();

        join(waiter);
    }

    @Test
    void awaitsAPointInTime() throws InterruptedException {
        long until = time.nanoTime() + 10;
        Thread waiter = start(() -> ThreadSlot.current().await(time, until, () -> false));
        time.awaitWaitingThreads(1, PATIENCE);
        time.advance(Duration.ofNanos(9));
        ThreadSlot.lookAtAll();
        time.awaitWaitingThreads(1, PATIENCE);
        assertThat(waiter.isAlive()).isTrue();

        time.advance(Duration.ofNanos(1));
        join(waiter);
    }

    @Test
    void stopsWaitingAtAnInterruptAndKeepsTheFlag() throws InterruptedException {
        AtomicBoolean flag = new AtomicBoolean();
        Thread waiter = start(() -> {
            ThreadSlot.current().await(time, null, () -> false);
            flag.set(Thread.currentThread().isInterrupted());
        });
        time.awaitWaitingThreads(1, PATIENCE);
        waiter.interrupt();

        join(waiter);
        assertThat(flag).isTrue();
    }

    @Test
    void doesNotWaitWithTheFlagSet() {
        Thread.currentThread().interrupt();

        slot.await(time, null, () -> false);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void looksAtAllOtherThreadsEvenWhereOneCannotBeLookedAt() throws InterruptedException {
        ScriptedFrame broken = new ScriptedFrame(time);
        broken.due = () -> {
            throw new IllegalStateException("cannot decide");
        };
        List<ScriptedFrame> due = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch entered = new CountDownLatch(8);
        CountDownLatch goOn = new CountDownLatch(1);
        for (int number = 0; number < 8; number++) {
            ScriptedFrame frame = number == 4 ? broken : new ScriptedFrame(time).due();
            if (frame != broken) {
                due.add(frame);
            }
            threads.add(start(() -> {
                ThreadSlot own = ThreadSlot.current();
                own.enter(frame);
                entered.countDown();
                awaitUninterruptibly(goOn);
                own.leave(frame);
            }));
        }
        awaitQuietly(entered);

        assertThatThrownBy(ThreadSlot::lookAtAll).hasMessage("cannot decide");

        assertThat(due).allMatch(ScriptedFrame::wasInterrupted);
        goOn.countDown();
        join(threads.toArray(Thread[]::new));
    }

    private static List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        ThreadSlot.forEachFrame(frames::add);
        return frames;
    }

    private static WeakReference<Thread> oneThatDies() throws InterruptedException {
        Thread thread = start(ThreadSlot::current);
        join(thread);
        return new WeakReference<>(thread);
    }

    private static Thread start(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(Thread... threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
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

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException ignored) {
                // This one is what the test is about; the latch opens in any case.
            }
        }
    }
}
