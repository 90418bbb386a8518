package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.fixture.ForwardingTime;
import io.grip.supervisor.hook.Telemetry;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a close has done when it returns. */
@Timeout(60)
class CloseTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Supervisor.Builder builder(Runnable closed) {
        return Supervisor.builder("closing").telemetry(readings -> new Telemetry() {
            @Override
            public void closed() {
                closed.run();
            }
        });
    }

    private static Supervisor supervisor(Runnable closed) {
        return builder(closed).build();
    }

    @Test
    void hasToldTheTelemetryThoughAnotherThreadDoesThat() throws Exception {
        AtomicReference<Supervisor> supervisor = new AtomicReference<>();
        AtomicBoolean told = new AtomicBoolean();
        AtomicReference<Boolean> seen = new AtomicReference<>();
        Thread second = daemon(() -> {
            supervisor.get().close();
            seen.set(told.get());
        });
        supervisor.set(supervisor(() -> {
            second.start();
            // It waits for this, or has not waited for it.
            awaitState(second, Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);
            told.set(true);
        }));

        supervisor.get().close();
        second.join(PATIENCE.toMillis());

        assertThat(seen.get()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isWholeThoughTheOneBeforeHasOnlyBegun(boolean withinAnothersTask) throws Exception {
        Supervisor another = Supervisor.builder("another").build();
        AtomicBoolean told = new AtomicBoolean();
        AtomicBoolean closes = new AtomicBoolean();
        AtomicReference<Supervisor> supervisor = new AtomicReference<>();
        AtomicReference<Boolean> seen = new AtomicReference<>();
        Runnable close = () -> supervisor.get().close();
        Thread second = daemon(() -> {
            if (withinAnothersTask) {
                another.run(context -> {
                    close.run();
                    return "closed";
                });
            } else {
                close.run();
            }
            seen.set(told.get());
        });
        // The first one asks the clock for the end of the grace when it has begun, and not yet stopped the threads.
        ManualTime time = ManualTime.create();
        supervisor.set(builder(() -> told.set(true))
                .time(new ForwardingTime(time) {
                    @Override
                    public Timer schedule(long at, Runnable action) {
                        Timer timer = super.schedule(at, action);
                        if (closes.compareAndSet(true, false)) {
                            second.start();
                            awaitState(second, Thread.State.WAITING, Thread.State.TERMINATED);
                        }
                        return timer;
                    }
                })
                .build());
        closes.set(true);

        supervisor.get().close();
        second.join(PATIENCE.toMillis());

        assertThat(seen.get()).isTrue();
    }

    @Test
    void returnsThoughTheTelemetryHangsOnAnotherThread() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        Supervisor supervisor = supervisor(() -> {
            begun.countDown();
            goOn.join();
        });
        Background<Void> first = Background.run(supervisor::close);
        assertThat(begun.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        Background.run(supervisor::close).get();

        assertThat(first.isDone()).isFalse();
        goOn.complete(null);
        first.get();
    }

    @Test
    void fromWithinTheTelemetryThatIsToldDoesNotWaitForThat() throws Exception {
        AtomicReference<Supervisor> supervisor = new AtomicReference<>();
        supervisor.set(supervisor(() -> supervisor.get().close()));

        Background<Void> closing = Background.run(() -> supervisor.get().close());

        closing.get();
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitState(Thread thread, Thread.State... wanted) {
        await().atMost(PATIENCE).until(() -> List.of(wanted).contains(thread.getState()));
    }
}
