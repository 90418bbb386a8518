package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The table works for any threads; those of these tests are never started, or platform threads where there are no others. */
class VirtualSlotsTests {

    private static final int MANY = 10_000;
    private static final long PATIENCE_SECONDS = 20;

    private final VirtualSlots slots = new VirtualSlots();

    @Test
    void findTheSlotOfEachThreadThatIsThereAndOfNoOther() {
        List<ThreadSlot> all = newSlots(MANY);
        all.forEach(slots::add);

        assertThat(all).allSatisfy(slot -> assertThat(slots.find(slot.thread())).isSameAs(slot));
        assertThat(slots.find(new Thread())).isNull();
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(all);

        List<ThreadSlot> gone = all.subList(0, MANY - 3);
        gone.forEach(slots::remove);
        assertThat(gone)
                .allSatisfy(slot -> assertThat(slots.find(slot.thread())).isNull());
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(all.subList(MANY - 3, MANY));
    }

    @Test
    void findThemAfterManyHaveGoneAndOthersCome() {
        List<ThreadSlot> many = newSlots(MANY);
        many.forEach(slots::add);
        many.forEach(slots::remove);
        assertThat(listed()).isEmpty();

        List<ThreadSlot> few = newSlots(500);
        for (ThreadSlot slot : few) {
            slots.add(slot);
            assertThat(listed()).contains(slot);
        }

        assertThat(few).allSatisfy(slot -> assertThat(slots.find(slot.thread())).isSameAs(slot));
        assertThat(listed()).hasSameSizeAs(few);
    }

    @Test
    void keepThoseApartWhoseNumbersAreTheSame() {
        Thread thread = new Thread();
        Thread other = new Thread();
        ThreadSlot slot = new ThreadSlot(thread, true, ThreadSlot.numberOf(thread));
        ThreadSlot like = new ThreadSlot(other, true, ThreadSlot.numberOf(thread));
        slots.add(slot);
        slots.add(like);

        assertThat(slots.find(thread)).isSameAs(slot);
        slots.remove(slot);
        assertThat(listed()).containsExactly(like);
        slots.remove(slot);
        assertThat(listed()).as("taken out once only").containsExactly(like);
    }

    @Test
    void areAllShownThoughOneStripeCannotBe() {
        newSlots(MANY).forEach(slots::add);
        List<ThreadSlot> shown = new ArrayList<>();
        AtomicBoolean failed = new AtomicBoolean();

        assertThatThrownBy(() -> slots.forEachStripe(stripe -> {
                    if (!stripe.isEmpty() && failed.compareAndSet(false, true)) {
                        throw new IllegalStateException("cannot be shown");
                    }
                    shown.addAll(stripe);
                }))
                .hasMessage("cannot be shown");

        assertThat(shown).hasSizeBetween(MANY * 9 / 10, MANY - 1);
    }

    @Test
    void sayWhetherAnyOneIsWanted() {
        List<ThreadSlot> all = newSlots(100);
        all.forEach(slots::add);
        List<ThreadSlot> asked = new ArrayList<>();

        assertThat(slots.any(slot -> asked.add(slot) && asked.size() == 3)).isTrue();
        assertThat(asked).hasSize(3);
        assertThat(slots.any(slot -> false)).isFalse();
    }

    @Test
    void missNobodyWhileOthersComeAndGo() throws Exception {
        List<ThreadSlot> staying = newSlots(200);
        staying.forEach(slots::add);
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> comers = new ArrayList<>();
            for (int number = 0; number < 2; number++) {
                comers.add(threads.submit(() -> comeAndGo(over, begun)));
            }
            assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            for (int look = 0; look < 2_000; look++) {
                assertThat(listed()).containsAll(staying);
            }
            over.set(true);
            for (Future<?> comer : comers) {
                comer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(staying);
    }

    private void comeAndGo(AtomicBoolean over, CountDownLatch begun) {
        List<ThreadSlot> own = newSlots(700);
        begun.countDown();
        do {
            own.forEach(slots::add);
            own.forEach(slot -> assertThat(slots.find(slot.thread())).isSameAs(slot));
            own.forEach(slots::remove);
        } while (!over.get());
    }

    private List<ThreadSlot> listed() {
        List<ThreadSlot> listed = new ArrayList<>();
        slots.any(slot -> !listed.add(slot));
        return listed;
    }

    private static List<ThreadSlot> newSlots(int count) {
        List<ThreadSlot> made = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            Thread thread = new Thread();
            made.add(new ThreadSlot(thread, true, ThreadSlot.numberOf(thread)));
        }
        return made;
    }
}
