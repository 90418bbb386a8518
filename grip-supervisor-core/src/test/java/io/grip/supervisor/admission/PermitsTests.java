package io.grip.supervisor.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Permits are never lost nor doubled, and nobody is overtaken: one interleaving at a time, then all at once. */
class PermitsTests {

    private final Permits one = new Permits(1);
    private final List<Waiter> told = new ArrayList<>();

    /** Tells the test when it is granted. */
    private final class Told extends Waiter {
        private Told(long arrival) {
            super(arrival);
        }

        @Override
        protected void granted() {
            told.add(this);
        }
    }

    @Test
    void areTakenUpToTheLimitAndNoFurther() {
        Permits two = new Permits(2);

        assertThat(two.tryTake()).isTrue();
        assertThat(two.tryArriveAndTake()).isNotEqualTo(Permits.NOT_TAKEN);
        assertThat(two.tryTake()).isFalse();
        assertThat(two.tryArriveAndTake()).isEqualTo(Permits.NOT_TAKEN);
        assertThat(two.inUse()).isEqualTo(2);

        two.giveBack();
        assertThat(two.inUse()).isOne();
        assertThat(two.tryTake()).isTrue();
        assertThat(two.limit()).isEqualTo(2);
    }

    @Test
    void numberWhoArrives() {
        assertThat(List.of(one.arrive(), one.tryArriveAndTake(), one.arrive())).containsExactly(0L, 1L, 2L);
        // Refused, so no number was drawn.
        assertThat(one.tryArriveAndTake()).isEqualTo(Permits.NOT_TAKEN);
        assertThat(one.arrive()).isEqualTo(3);
    }

    @Test
    void goToAWaiterAtOnceIfOneIsFree() {
        Told waiter = new Told(one.arrive());

        assertThat(one.takeOrEnqueue(waiter)).isTrue();
        assertThat(waiter.isGranted()).isTrue();
        assertThat(told).isEmpty();
        assertThat(one.inUse()).isOne();
        assertThat(one.waiting()).isZero();
    }

    @Test
    void goToTheLowestNumberWhoeverBeganToWaitFirst() {
        one.tryTake();
        Told first = new Told(one.arrive());
        Told second = new Told(one.arrive());
        Told third = new Told(one.arrive());
        assertThat(one.takeOrEnqueue(third)).isFalse();
        assertThat(one.takeOrEnqueue(first)).isFalse();
        assertThat(one.takeOrEnqueue(second)).isFalse();
        assertThat(one.waiting()).isEqualTo(3);

        for (int round = 0; round < 3; round++) {
            one.giveBack();
            assertThat(one.inUse()).isOne();
        }
        one.giveBack();

        assertThat(told).containsExactly(first, second, third);
        assertThat(one.inUse()).isZero();
    }

    @Test
    void areNotTakenPastAWaiter() {
        Permits two = new Permits(2);
        two.tryTake();
        two.tryTake();
        Told waiter = new Told(two.arrive());
        two.takeOrEnqueue(waiter);

        assertThat(two.tryTake()).isFalse();
        two.giveBack();
        assertThat(told).containsExactly(waiter);
        assertThat(two.tryTake()).isFalse();
        two.giveBack();
        assertThat(two.tryTake()).isTrue();
    }

    @Test
    void areServedInOrderWhereNumbersBeginAnew() {
        one.tryTake();
        Told before = new Told(0xFFFF_FFFFL);
        Told after = new Told(0);
        one.takeOrEnqueue(after);
        one.takeOrEnqueue(before);
        one.giveBack();

        assertThat(told).containsExactly(before);
    }

    @Test
    void stayWithTheOthersWhereAWaiterLeaves() {
        one.tryTake();
        Told leaving = new Told(one.arrive());
        Told staying = new Told(one.arrive());
        one.takeOrEnqueue(leaving);
        one.takeOrEnqueue(staying);

        assertThat(one.withdraw(leaving)).isTrue();
        assertThat(one.withdraw(leaving)).isFalse();
        assertThat(one.waiting()).isOne();
        one.giveBack();

        assertThat(told).containsExactly(staying);
        assertThat(leaving.isGranted()).isFalse();
    }

    @Test
    void canBeTakenAtOnceAgainAfterTheLastWaiterHasLeft() {
        one.tryTake();
        Told leaving = new Told(one.arrive());
        one.takeOrEnqueue(leaving);
        one.withdraw(leaving);
        one.giveBack();

        assertThat(one.tryTake()).isTrue();
    }

    @Test
    void areTheWaitersOnceGrantedHoweverLateItLeaves() {
        one.tryTake();
        Told waiter = new Told(one.arrive());
        one.takeOrEnqueue(waiter);
        one.giveBack();

        assertThat(one.withdraw(waiter)).isFalse();
        assertThat(one.inUse()).isOne();
        one.giveBack();
        assertThat(one.inUse()).isZero();
    }

    @Test
    void areNotGivenToAWaiterThatLeftBeforeItCame() {
        Told waiter = new Told(one.arrive());
        assertThat(one.withdraw(waiter)).isTrue();

        assertThat(one.takeOrEnqueue(waiter)).isFalse();
        assertThat(one.inUse()).isZero();
        assertThat(one.waiting()).isZero();
        assertThat(one.tryTake()).isTrue();
    }

    @Test
    void canBeMoreAtOnce() {
        one.tryTake();
        List<Told> waiters = enqueue(one, 3);
        one.resize(3);

        assertThat(told).isEqualTo(waiters.subList(0, 2));
        assertThat(one.inUse()).isEqualTo(3);
        assertThat(one.limit()).isEqualTo(3);
    }

    @Test
    void runOutWhereThereAreToBeFewer() {
        Permits three = new Permits(3);
        three.tryTake();
        three.tryTake();
        three.tryTake();
        three.resize(1);
        List<Told> waiters = enqueue(three, 1);
        assertThat(three.inUse()).isEqualTo(3);
        three.giveBack();
        three.giveBack();
        assertThat(told).isEmpty();
        assertThat(three.tryTake()).isFalse();
        three.giveBack();

        assertThat(told).isEqualTo(waiters);
        assertThat(three.inUse()).isOne();
    }

    @Test
    void areToldOfWithoutAnyLockHeld() {
        Permits two = new Permits(2);
        two.tryTake();
        Told other = new Told(two.arrive());
        Waiter nosy = new Waiter(two.arrive()) {
            @Override
            protected void granted() {
                // On another thread, so that a lock that is held would not let it through.
                Thread looking = new Thread(() -> {
                    two.waiting();
                    two.withdraw(other);
                    two.giveBack();
                });
                looking.start();
                join(looking);
            }
        };
        two.tryTake();
        two.takeOrEnqueue(nosy);
        two.giveBack();

        assertThat(two.inUse()).isOne();
    }

    @Test
    void areToldOfToAllWhereTellingOneHasFailed() {
        one.tryTake();
        Waiter failing = new Waiter(one.arrive()) {
            @Override
            protected void granted() {
                throw new OutOfMemoryError("made up");
            }
        };
        one.takeOrEnqueue(failing);
        List<Told> others = enqueue(one, 2);

        assertThatThrownBy(() -> one.resize(4)).hasMessage("made up");

        assertThat(told).isEqualTo(others);
        assertThat(one.inUse()).isEqualTo(4);
    }

    /** Against a list of who waits, sorted by number. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void agreeWithAModelWhateverHappens(long seed) {
        Random random = new Random(seed);
        Permits permits = new Permits(2);
        int limit = 2;
        int out = 0;
        List<Told> waiting = new ArrayList<>();
        List<Long> reserved = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            told.clear();
            List<Told> expected = new ArrayList<>();
            int dice = random.nextInt(10);
            if (dice < 2) {
                boolean free = waiting.isEmpty() && out < limit;
                assertThat(permits.tryTake()).isEqualTo(free);
                out += free ? 1 : 0;
            } else if (dice < 4) {
                reserved.add(permits.arrive());
            } else if (dice < 7 && !reserved.isEmpty()) {
                Told waiter = new Told(reserved.remove(random.nextInt(reserved.size())));
                boolean free = waiting.isEmpty() && out < limit;
                assertThat(permits.takeOrEnqueue(waiter)).isEqualTo(free);
                if (free) {
                    out++;
                } else {
                    waiting.add(waiter);
                }
            } else if (dice < 8 && !waiting.isEmpty()) {
                assertThat(permits.withdraw(waiting.remove(random.nextInt(waiting.size()))))
                        .isTrue();
            } else if (dice < 9 && out > 0) {
                permits.giveBack();
                out--;
            } else {
                limit = 1 + random.nextInt(4);
                permits.resize(limit);
            }
            waiting.sort(Comparator.comparingLong(waiter -> waiter.arrival));
            while (!waiting.isEmpty() && out < limit) {
                expected.add(waiting.remove(0));
                out++;
            }
            assertThat(told).isEqualTo(expected);
            assertThat(permits.inUse()).isEqualTo(out);
            assertThat(permits.waiting()).isEqualTo(waiting.size());
        }
    }

    /** Real threads that take, wait, lose patience, and change the limit, for a bounded number of rounds. */
    @Test
    @Timeout(120)
    void areAllBackInTheEndWhateverHappensAtOnce() {
        Permits permits = new Permits(2);
        AtomicInteger holding = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            Random random = new Random(number);
            threads.add(new Thread(() -> {
                for (int round = 0; round < 5_000; round++) {
                    if (takeSomehow(permits, random)) {
                        most.accumulateAndGet(holding.incrementAndGet(), Math::max);
                        if (random.nextInt(8) == 0) {
                            Thread.yield();
                        }
                        holding.decrementAndGet();
                        permits.giveBack();
                    }
                }
            }));
        }
        threads.add(new Thread(() -> {
            for (int round = 0; round < 2_000; round++) {
                permits.resize(1 + round % 3);
                Thread.yield();
            }
        }));
        threads.forEach(Thread::start);
        threads.forEach(PermitsTests::join);

        assertThat(permits.inUse()).isZero();
        assertThat(permits.waiting()).isZero();
        assertThat(most.get()).isBetween(1, 3);
        // And all of them can be taken again.
        permits.resize(3);
        assertThat(List.of(permits.tryTake(), permits.tryTake(), permits.tryTake(), permits.tryTake()))
                .containsExactly(true, true, true, false);
    }

    private static boolean takeSomehow(Permits permits, Random random) {
        if (random.nextBoolean()) {
            return permits.tryTake();
        }
        Blocked waiter = new Blocked(permits.arrive());
        if (permits.takeOrEnqueue(waiter)) {
            return true;
        }
        int patience = random.nextInt(50);
        for (int spins = 0; spins < patience && !waiter.isGranted(); spins++) {
            Thread.yield();
        }
        boolean staysForEver = random.nextInt(3) == 0;
        while (staysForEver && !waiter.isGranted()) {
            LockSupport.park(waiter);
        }
        return waiter.isGranted() || !permits.withdraw(waiter);
    }

    private static final class Blocked extends Waiter {
        private final Thread thread = Thread.currentThread();

        private Blocked(long arrival) {
            super(arrival);
        }

        @Override
        protected void granted() {
            LockSupport.unpark(thread);
        }
    }

    private List<Told> enqueue(Permits permits, int count) {
        List<Told> waiters = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            Told waiter = new Told(permits.arrive());
            assertThat(permits.takeOrEnqueue(waiter)).isFalse();
            waiters.add(waiter);
        }
        return waiters;
    }

    private static void join(Thread thread) {
        try {
            thread.join(60_000);
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
        assertThat(thread.isAlive()).isFalse();
    }
}
