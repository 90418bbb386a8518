package io.grip.supervisor.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CrewTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    // ---------------------------------------------------------------- by script, on the test's thread

    /** Threads that do nothing until the test runs them, or of which there are no more. */
    private static final class Script {
        private final List<Runnable> started = new ArrayList<>();
        private int available = Integer.MAX_VALUE;

        private Thread create(Runnable body) {
            return new Thread(body) {
                @Override
                public void start() {
                    if (available-- <= 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    started.add(body);
                }
            };
        }

        /** Until it waits for more, or ends. */
        private void run(int thread) {
            started.get(thread).run();
        }
    }

    private final Script script = new Script();
    private final Crew scripted = new Crew(script::create);
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    /** The last of a script: the wait for more that follows ends at once, and with it the thread. */
    private static Runnable last(Runnable command) {
        return () -> {
            command.run();
            LockSupport.unpark(Thread.currentThread());
        };
    }

    private Runnable say(String word) {
        return () -> ran.add(word);
    }

    @Test
    void noMoreThanOneThreadIsOnItsWay() {
        for (int i = 0; i < 99_999; i++) {
            scripted.execute(say("command"));
        }
        scripted.execute(last(say("last")));
        assertThat(script.started).hasSize(1);

        script.run(0);

        assertThat(ran).hasSize(100_000);
        assertThat(script.started).as("the second one has not come yet").hasSize(2);
    }

    @Test
    void whoTakesACommandAndLeavesOthersSendsForAnotherFirst() {
        scripted.execute(() -> ran.add("of " + script.started.size()));
        scripted.execute(say("second"));
        scripted.execute(last(say("third")));

        script.run(0);

        assertThat(ran).containsExactly("of 2", "second", "third");
    }

    @Test
    void whoTakesTheOnlyCommandSendsForNobody() {
        scripted.execute(last(say("only")));

        script.run(0);

        assertThat(script.started).hasSize(1);
    }

    @Test
    void whoComesTooLateGoesAgain() {
        scripted.execute(say("first"));
        scripted.execute(last(say("second")));
        script.run(0);
        scripted.execute(last(say("third")));
        assertThat(script.started).as("one is still on its way").hasSize(2);
        script.run(1);

        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void aSubmitterWhoCanHaveNoThreadHearsOfItAndKeepsTheCommand() {
        script.available = 0;
        assertThatThrownBy(() -> scripted.execute(say("refused"))).isInstanceOf(OutOfMemoryError.class);
        script.available = 1;
        scripted.execute(last(say("accepted")));

        script.run(0);

        assertThat(ran).containsExactly("accepted");
    }

    @Test
    void whereNoSecondThreadCanBeHadTheFirstRunsAll() {
        script.available = 1;
        scripted.execute(say("first"));
        scripted.execute(say("second"));
        scripted.execute(last(say("third")));

        script.run(0);

        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void theNextSubmitterTriesAgainForAThreadThatCouldNotBeHad() {
        script.available = 1;
        scripted.execute(() -> {
            script.available = 1;
            scripted.execute(last(say("third")));
        });
        scripted.execute(say("second"));

        script.run(0);

        assertThat(script.started).hasSize(2);
        assertThat(ran).containsExactly("second", "third");
    }

    @Test
    void anInterruptIsNotHandedOnToTheNextCommand() {
        scripted.execute(() -> Thread.currentThread().interrupt());
        scripted.execute(
                last(() -> ran.add("interrupted: " + Thread.currentThread().isInterrupted())));

        script.run(0);

        assertThat(ran).containsExactly("interrupted: false");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatACommandThrowsGoesToTheHandlerOfItsThread(boolean handlerThrowsToo) {
        List<Throwable> handled = new ArrayList<>();
        Error thrown = new AssertionError("thrown by a command");
        Thread.currentThread().setUncaughtExceptionHandler((thread, what) -> {
            handled.add(what);
            if (handlerThrowsToo) {
                throw new IllegalStateException("thrown by the handler");
            }
        });
        try {
            scripted.execute(() -> {
                throw thrown;
            });
            scripted.execute(last(say("next")));

            script.run(0);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }

        assertThat(handled).containsExactly(thrown);
        assertThat(ran).containsExactly("next");
    }

    @Test
    void refusesNull() {
        assertThatThrownBy(() -> scripted.execute(null)).isInstanceOf(NullPointerException.class);

        assertThat(script.started).isEmpty();
    }

    // ---------------------------------------------------------------- on threads

    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /** Closed, it lets no thread of the crew begin. */
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private final Crew crew = new Crew(body -> {
        Thread thread = new Thread(() -> {
            awaitQuietly(gate);
            body.run();
        });
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    });

    /** Blocked commands at random among others, all of them there before the first thread is. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aCommandThatBlocksHoldsUpNoneOfThoseThatAreThere(long seed) throws InterruptedException {
        gate = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger blocked = new AtomicInteger();
        Random random = new Random(seed);
        int commands = 200;
        CountDownLatch left = new CountDownLatch(commands);
        int blocking = 0;
        for (int number = 0; number < commands; number++) {
            if (random.nextInt(4) == 0) {
                blocking++;
                crew.execute(() -> block(release, blocked));
            }
            crew.execute(left::countDown);
        }

        gate.countDown();

        assertThat(left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).untilAtomic(blocked, equalTo(blocking));
        release.countDown();
        await().atMost(PATIENCE).untilAtomic(blocked, equalTo(0));
    }

    /** Blocked commands at random among others, handed in by threads and by commands meanwhile. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aCommandThatBlocksHoldsUpNoneOfThoseThatCome(long seed) throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        int submitters = 3;
        int each = 200;
        CountDownLatch left = new CountDownLatch(submitters * each * 2);
        AtomicInteger blocked = new AtomicInteger();
        for (int i = 0; i < submitters; i++) {
            Random random = new Random(seed * submitters + i);
            Thread submitter = new Thread(() -> {
                for (int number = 0; number < each; number++) {
                    if (random.nextInt(8) == 0) {
                        crew.execute(() -> block(release, blocked));
                    }
                    crew.execute(() -> {
                        crew.execute(left::countDown);
                        left.countDown();
                    });
                }
            });
            submitter.setDaemon(true);
            submitter.start();
        }

        assertThat(left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(PATIENCE).untilAtomic(blocked, greaterThan(0));
        release.countDown();
        await().atMost(PATIENCE).untilAtomic(blocked, equalTo(0));
    }

    private static void block(CountDownLatch release, AtomicInteger blocked) {
        blocked.incrementAndGet();
        awaitQuietly(release);
        blocked.decrementAndGet();
    }

    @Test
    void aBurstOfShortCommandsIsRunByAFewThreads() throws InterruptedException {
        int commands = 100_000;
        CountDownLatch left = new CountDownLatch(commands);
        List<Throwable> rejected = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            try {
                crew.execute(left::countDown);
            } catch (RejectedExecutionException full) {
                rejected.add(full);
            }
        }

        assertThat(left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(rejected).isEmpty();
        assertThat(threads).hasSizeLessThan(commands / 100);
    }

    @Test
    void aThreadThatWaitsIsWokenBeforeAnotherIsStarted() {
        for (int round = 0; round < 20; round++) {
            int number = round;
            crew.execute(() -> ran.add("round " + number));
            // Asked in this order: before it has been woken it waits as it does afterwards.
            await().atMost(PATIENCE)
                    .until(() -> ran.size() > number && threads.get(0).getState() == Thread.State.TIMED_WAITING);
            assertThat(threads).hasSize(1);
        }

        assertThat(ran).hasSize(20);
    }

    @Test
    void aThreadThatWaitedTooLongEndsAndAnotherIsStartedInItsPlace() {
        crew.execute(say("first"));
        Thread first = threads.get(0);
        await().atMost(PATIENCE).until(() -> first.getState() == Thread.State.TIMED_WAITING);
        // As the end of its patience, but now.
        LockSupport.unpark(first);
        await().atMost(PATIENCE).until(() -> !first.isAlive());

        crew.execute(say("second"));

        await().atMost(PATIENCE).until(() -> threads.get(1).getState() == Thread.State.TIMED_WAITING);
        assertThat(ran).containsExactly("first", "second");
    }

    /** The first to need the JVM's one crew starts its threads, which outlive him. */
    @Test
    void theSharedOneTakesNothingAlongFromWhoeverNeedsItFirst() throws InterruptedException {
        assumeFalse(Threads.haveVirtual(), "each command has a virtual thread of its own");
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        Executor shared = Threads.sharedExecutor();
        int commands = 50;
        CountDownLatch all = new CountDownLatch(commands);
        List<Object> seen = new CopyOnWriteArrayList<>();
        inherited.set("mine");
        try {
            for (int i = 0; i < commands; i++) {
                shared.execute(() -> {
                    seen.add(String.valueOf(inherited.get()));
                    seen.add(Thread.currentThread().isDaemon());
                    all.countDown();
                    // So each needs a thread of its own, and most of them a new one.
                    awaitQuietly(all);
                });
            }
        } finally {
            inherited.remove();
        }

        assertThat(all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(seen).containsOnly("null", true);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }
}
