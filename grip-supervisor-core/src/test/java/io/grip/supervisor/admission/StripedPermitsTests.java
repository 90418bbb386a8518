package io.grip.supervisor.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Permits that lie in stripes are there for everybody, and for nobody before a waiter. Sixteen permits and two stripes,
 * which hold two each.
 */
@Timeout(120)
class StripedPermitsTests {

    private static final int LIMIT = 16;

    private final Stripes stripes = new Stripes(2);
    private final Permits permits = new Permits(LIMIT, stripes);
    private final List<Waiter> told = new ArrayList<>();

    private final class Told extends Waiter {
        private Told(long arrival) {
            super(arrival);
        }

        @Override
        protected void granted() {
            told.add(this);
        }
    }

    private void take(int many) {
        for (int number = 0; number < many; number++) {
            assertThat(permits.tryTake()).isTrue();
        }
    }

    private void giveBack(int many) {
        for (int number = 0; number < many; number++) {
            permits.giveBack();
        }
    }

    /** Takes some and puts them into the stripe of the hint. */
    private void putBy(int hint, int many) {
        take(many);
        for (int number = 0; number < many; number++) {
            permits.giveBackNear(hint);
        }
    }

    private Told enqueue(long arrival) {
        Told waiter = new Told(arrival);
        assertThat(permits.takeOrEnqueue(waiter)).isFalse();
        return waiter;
    }

    /** How many lie in the stripes, which this closes. */
    private long lyingBy() {
        return stripes.close();
    }

    @Test
    void lieWhereTheyWereGivenBackUpToAnEighthOfTheLimitEach() {
        putBy(0, 5);

        assertThat(lyingBy()).isEqualTo(2);
    }

    @Test
    void areTakenFromTheStripeFirstAndThenFromTheOthers() {
        putBy(1, 2);
        long drawn = permits.arrive();

        // No number is drawn at the stripe, and one is as soon as that is empty.
        long first = permits.tryArriveAndTakeNear(1);
        long second = permits.tryArriveAndTakeNear(1);
        assertThat(second).isEqualTo(first).isNotEqualTo(drawn + 1);
        assertThat(permits.tryArriveAndTakeNear(1)).isEqualTo(drawn + 1);
        assertThat(permits.inUse()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void takeAnyNumberForAHint(int hint) {
        assertThat(permits.tryArriveAndTakeNear(hint)).isNotEqualTo(Permits.NOT_TAKEN);
        permits.giveBackNear(hint);
        assertThat(lyingBy()).isOne();
    }

    @Test
    void areNotInUseWhileTheyLieInAStripe() {
        putBy(0, 2);
        putBy(1, 1);
        take(4);

        assertThat(permits.inUse()).isEqualTo(4);
    }

    @Test
    void areTakenFromEveryStripeBeforeAnybodyIsRefused() {
        putBy(0, 2);
        putBy(1, 2);
        for (int number = 0; number < LIMIT - 3; number++) {
            assertThat(permits.tryArriveAndTakeNear(0)).isNotEqualTo(Permits.NOT_TAKEN);
        }
        assertThat(permits.tryTake()).isTrue();
        assertThat(permits.tryArriveAndTakeNear(1)).isNotEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.tryArriveAndTake()).isNotEqualTo(Permits.NOT_TAKEN);

        assertThat(permits.tryTake()).isFalse();
        assertThat(permits.tryArriveAndTake()).isEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.tryArriveAndTakeNear(0)).isEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.tryArriveAndTakeNear(1)).isEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.inUse()).isEqualTo(LIMIT);
    }

    @Test
    void areCountedAsInUseOnlyIfTheyAreWhereSomebodyIsRefused() {
        take(LIMIT);
        assertThat(permits.tryTake()).isFalse();
        // Closed by the refusal, so these do not lie by.
        permits.giveBackNear(0);
        permits.giveBackNear(1);

        assertThat(permits.inUse()).isEqualTo(LIMIT - 2);
        assertThat(lyingBy()).isZero();
    }

    @Test
    void comeFromTheStripesToOneWhoWouldWait() {
        putBy(1, 1);
        take(LIMIT - 1);
        Told waiter = new Told(permits.arrive());

        assertThat(permits.takeOrEnqueue(waiter)).isTrue();
        assertThat(permits.inUse()).isEqualTo(LIMIT);
    }

    @Test
    void goToAWaiterFromWhereverTheyAreGivenBack() {
        take(LIMIT);
        Told first = enqueue(permits.arrive());
        Told second = enqueue(permits.arrive());

        permits.giveBackNear(0);
        assertThat(permits.tryArriveAndTakeNear(0)).isEqualTo(Permits.NOT_TAKEN);
        permits.giveBackNear(1);
        assertThat(permits.tryArriveAndTakeNear(1)).isEqualTo(Permits.NOT_TAKEN);

        assertThat(told).containsExactly(first, second);
        assertThat(permits.inUse()).isEqualTo(LIMIT);
    }

    @Test
    void lieByNoMoreUntilHalfOfThemAreFreeAndNobodyWaits() {
        take(LIMIT);
        enqueue(permits.arrive());
        for (int inUse = LIMIT; inUse > LIMIT / 2; inUse--) {
            permits.giveBackNear(0);
            assertThat(stripes.tryTake(0)).as("one of %d lies by", inUse).isFalse();
        }
        // One had gone to the waiter. This one makes it a half, and opens the stripes; the next one lies by.
        permits.giveBackNear(0);
        assertThat(stripes.tryTake(0)).isFalse();
        permits.giveBackNear(0);
        assertThat(stripes.tryTake(0)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"7, 2", "3, 1", "31, 8"})
    void lieByNowhereWhereThereAreLessThanFourForEachStripe(int limit, int count) {
        Stripes few = new Stripes(count);
        Permits small = new Permits(limit, few);
        assertThat(small.tryArriveAndTakeNear(0)).isNotEqualTo(Permits.NOT_TAKEN);
        small.giveBackNear(0);
        assertThat(few.close()).isZero();

        Stripes enough = new Stripes(count);
        Permits large = new Permits(limit + 1, enough);
        assertThat(large.tryArriveAndTakeNear(0)).isNotEqualTo(Permits.NOT_TAKEN);
        large.giveBackNear(0);
        assertThat(enough.close()).isOne();
    }

    @Test
    void lieInAPowerOfTwoOfStripes() {
        Stripes four = new Stripes(3);
        four.open();
        for (int hint = 0; hint < 4; hint++) {
            assertThat(four.tryGiveBack(hint, 16)).isTrue();
            assertThat(four.tryGiveBack(hint, 16)).isFalse();
        }
        assertThat(four.tryGiveBack(4, 16)).isFalse();
        assertThat(four.close()).isEqualTo(4);
    }

    @Test
    void mayBeTakenNearAndGivenBackAnywhere() {
        putBy(0, 2);
        permits.tryArriveAndTakeNear(0);
        permits.giveBack();
        permits.tryArriveAndTakeNear(0);
        permits.giveBackNear(1);
        permits.tryArriveAndTake();
        permits.giveBackNear(1);

        assertThat(permits.inUse()).isZero();
        take(LIMIT);
        assertThat(permits.tryTake()).isFalse();
    }

    @Test
    void leaveTheStripesWhereTheLimitChanges() {
        putBy(0, 2);
        putBy(1, 2);
        take(3);
        permits.resize(4);

        assertThat(lyingBy()).isZero();
        assertThat(permits.tryArriveAndTakeNear(0)).isNotEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.tryArriveAndTakeNear(1)).isEqualTo(Permits.NOT_TAKEN);
        assertThat(permits.inUse()).isEqualTo(4);
    }

    @Test
    void lieByAgainAfterTheLimitWasChangedToOneThatIsLargeEnough() {
        permits.resize(7);
        putBy(0, 1);
        assertThat(lyingBy()).isZero();
        permits.resize(8);
        // The first opens the stripes, the second lies by.
        putBy(0, 2);
        assertThat(lyingBy()).isOne();
    }

    @Test
    void runOutWhereTheLimitIsLoweredBelowWhatIsOut() {
        take(12);
        permits.resize(8);
        for (int inUse = 12; inUse > 8; inUse--) {
            assertThat(permits.tryArriveAndTakeNear(0)).isEqualTo(Permits.NOT_TAKEN);
            permits.giveBackNear(0);
        }
        assertThat(permits.tryArriveAndTakeNear(0)).isEqualTo(Permits.NOT_TAKEN);
        permits.giveBackNear(0);
        assertThat(permits.tryArriveAndTakeNear(0)).isNotEqualTo(Permits.NOT_TAKEN);
    }

    /** One whose retry waits: behind whoever arrived before it, before whoever arrived while it ran. */
    @Test
    void areServedInOrderOfArrivalToThoseWhoHadOneFromAStripe() {
        putBy(0, 1);
        long before = permits.arrive();
        long near = permits.tryArriveAndTakeNear(0);
        long after = permits.arrive();
        take(LIMIT - 1);

        Told late = enqueue(after);
        Told admittedEarlier = enqueue(near);
        Told early = enqueue(before);
        giveBack(3);

        assertThat(told).containsExactly(early, admittedEarlier, late);
    }

    @Test
    void areServedToEqualsAsTheyComeToTheQueueAndToEachOfThem() {
        putBy(0, 2);
        putBy(1, 1);
        long one = permits.tryArriveAndTakeNear(0);
        long two = permits.tryArriveAndTakeNear(1);
        long three = permits.tryArriveAndTakeNear(0);
        assertThat(List.of(two, three)).containsOnly(one);
        take(LIMIT - 3);

        Told first = enqueue(three);
        Told second = enqueue(one);
        Told third = enqueue(two);
        assertThat(permits.waiting()).isEqualTo(3);
        assertThat(permits.withdraw(second)).isTrue();
        giveBack(2);

        assertThat(told).containsExactly(first, third);
        assertThat(permits.waiting()).isZero();
    }

    @Test
    void areServedInOrderWhereNumbersBeginAnew() {
        Told drawnBefore = new Told(0xFFFF_FFFFL);
        putBy(0, 1);
        // As if 2^32 had arrived: the word begins anew, and so do numbers from a stripe.
        long anew = permits.tryArriveAndTakeNear(0);
        take(LIMIT - 1);
        Told near = enqueue(anew);
        assertThat(permits.takeOrEnqueue(drawnBefore)).isFalse();
        giveBack(2);

        assertThat(told).containsExactly(drawnBefore, near);
    }

    /**
     * One permit lies in a stripe, another one comes to the other before the first is taken: who looks at one stripe after
     * the other may see neither, though there was one to be had all the time.
     */
    @Test
    void areNotMissedWhereTheyMoveFromStripeToStripe() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            Permits moving = new Permits(LIMIT, new Stripes(2));
            moving.tryTake();
            moving.giveBackNear(1);
            for (int number = 0; number < LIMIT - 1; number++) {
                moving.tryTake();
            }
            AtomicInteger ready = new AtomicInteger();
            AtomicInteger taken = new AtomicInteger();
            Thread mover = new Thread(() -> {
                meet(ready);
                moving.giveBackNear(0);
                taken.addAndGet(moving.tryArriveAndTakeNear(1) != Permits.NOT_TAKEN ? 1 : 0);
            });
            mover.start();
            meet(ready);
            taken.addAndGet(moving.tryTake() ? 1 : 0);
            join(mover);

            assertThat(taken).hasValue(2);
            assertThat(moving.inUse()).isEqualTo(LIMIT);
        }
    }

    private static void meet(AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            Thread.yield();
        }
    }

    /** Real threads that take, near or not, wait, lose patience, and change the limit, for a bounded number of rounds. */
    @ParameterizedTest
    @CsvSource({"1, 3, 2", "7, 9, 2", "16, 64, 2", "8, 40, 8"})
    void areAllBackInTheEndWhateverHappensAtOnce(int least, int most, int count) {
        Permits many = new Permits(most, new Stripes(count));
        AtomicInteger holding = new AtomicInteger();
        AtomicInteger top = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            int hint = number;
            Random random = new Random(number);
            threads.add(new Thread(() -> {
                for (int round = 0; round < 5_000; round++) {
                    int taken = 0;
                    int wanted = 1 + random.nextInt(most / 2);
                    while (taken < wanted && takeSomehow(many, hint, taken == 0, random)) {
                        taken++;
                        top.accumulateAndGet(holding.incrementAndGet(), Math::max);
                    }
                    if (random.nextInt(8) == 0) {
                        Thread.yield();
                    }
                    for (; taken > 0; taken--) {
                        holding.decrementAndGet();
                        giveBackSomehow(many, hint, random);
                    }
                }
            }));
        }
        threads.add(new Thread(() -> {
            for (int round = 0; round < 2_000; round++) {
                many.resize(round % 2 == 0 ? least : most);
                Thread.yield();
            }
        }));
        threads.forEach(Thread::start);
        threads.forEach(StripedPermitsTests::join);

        assertThat(top.get()).isBetween(1, most);
        assertThat(many.waiting()).isZero();
        assertThat(many.inUse()).isZero();
        // And all of them can be taken again.
        many.resize(most);
        for (int number = 0; number < most; number++) {
            assertThat(many.tryArriveAndTakeNear(number)).isNotEqualTo(Permits.NOT_TAKEN);
        }
        assertThat(many.tryArriveAndTakeNear(0)).isEqualTo(Permits.NOT_TAKEN);
    }

    /** Only one who holds nothing waits for ever, so that no two wait for each other. */
    private static boolean takeSomehow(Permits from, int hint, boolean mayStay, Random random) {
        switch (random.nextInt(4)) {
            case 0:
                return from.tryTake();
            case 1:
                return from.tryArriveAndTake() != Permits.NOT_TAKEN;
            case 2:
                return from.tryArriveAndTakeNear(hint) != Permits.NOT_TAKEN;
            default:
                return takeOrWait(from, mayStay && random.nextInt(3) == 0, random.nextInt(20));
        }
    }

    private static boolean takeOrWait(Permits from, boolean staysForEver, int patience) {
        Blocked waiter = new Blocked(from.arrive());
        if (from.takeOrEnqueue(waiter)) {
            return true;
        }
        for (int spins = 0; spins < patience && !waiter.isGranted(); spins++) {
            Thread.yield();
        }
        while (staysForEver && !waiter.isGranted()) {
            LockSupport.park(waiter);
        }
        return waiter.isGranted() || !from.withdraw(waiter);
    }

    private static void giveBackSomehow(Permits to, int hint, Random random) {
        if (random.nextInt(4) == 0) {
            to.giveBack();
        } else {
            to.giveBackNear(hint);
        }
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

    private static void join(Thread thread) {
        try {
            thread.join(60_000);
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
        assertThat(thread.isAlive()).isFalse();
    }
}
