package io.grip.supervisor.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SystemTimeTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TimeSource time = TimeSource.system();

    @Test
    void keepsTheOrderOfMoreActionsThanItTakesOutAtOnce() {
        List<Integer> ran = new CopyOnWriteArrayList<>();
        long due = time.nanoTime() + 50_000_000;
        List<Integer> numbers = IntStream.range(0, 1_000).boxed().toList();
        numbers.forEach(number -> time.schedule(due, () -> ran.add(number)));

        await().atMost(PATIENCE).until(() -> ran.size() == numbers.size());

        assertThat(ran).isEqualTo(numbers);
    }

    @Test
    void wakesUpForAnActionThatIsDueSoonerThanTheOneItWaitsFor() {
        AtomicReference<String> ran = new AtomicReference<>();
        TimeSource.Timer far = time.schedule(Nanos.after(time.nanoTime(), Duration.ofHours(1)), () -> {});
        time.schedule(time.nanoTime() + 1_000_000, () -> ran.set("sooner"));

        await().atMost(PATIENCE).until(() -> ran.get() != null);

        assertThat(far.cancel()).isTrue();
    }

    @Test
    void outlivesAnInterruptOfItsThread() {
        AtomicReference<Thread> timer = new AtomicReference<>();
        time.schedule(time.nanoTime(), () -> timer.set(Thread.currentThread()));
        await().atMost(PATIENCE).until(() -> timer.get() != null);
        timer.get().interrupt();
        AtomicReference<Thread> again = new AtomicReference<>();

        time.schedule(time.nanoTime() + 1_000_000, () -> again.set(Thread.currentThread()));

        await().atMost(PATIENCE).until(() -> again.get() != null);
        assertThat(again).hasValue(timer.get());
    }

    @Test
    void takesNothingAlongFromTheThreadThatNeedsItFirst() {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("the first caller's");
        ClassLoader mine = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(new ClassLoader() {});
        List<Object> seen = new CopyOnWriteArrayList<>();
        try {
            TimeSource fresh = new SystemTime();
            fresh.schedule(fresh.nanoTime(), () -> {
                seen.add(String.valueOf(inherited.get()));
                seen.add(Thread.currentThread().getContextClassLoader());
                seen.add(Thread.currentThread().isDaemon());
            });
        } finally {
            Thread.currentThread().setContextClassLoader(mine);
            inherited.remove();
        }

        await().atMost(PATIENCE).until(() -> seen.size() == 3);

        assertThat(seen).containsExactly("null", SystemTime.class.getClassLoader(), true);
    }
}
