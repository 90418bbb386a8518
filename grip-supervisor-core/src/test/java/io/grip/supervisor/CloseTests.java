package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.hook.Telemetry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a close has done when it returns. */
@Timeout(60)
class CloseTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Supervisor supervisor(Runnable closed) {
        return Supervisor.builder("closing")
                .telemetry(readings -> new Telemetry() {
                    @Override
                    public void closed() {
                        closed.run();
                    }
                })
                .build();
    }

    @Test
    void hasToldTheTelemetryThoughAnotherThreadDoesThat() throws Exception {
        AtomicReference<Supervisor> supervisor = new AtomicReference<>();
        AtomicBoolean told = new AtomicBoolean();
        AtomicReference<Boolean> seen = new AtomicReference<>();
        Thread second = new Thread(() -> {
            supervisor.get().close();
            seen.set(told.get());
        });
        supervisor.set(supervisor(() -> {
            second.start();
            // It waits for this, or has not waited for it.
            await().atMost(PATIENCE)
                    .until(() -> Set.of(Thread.State.WAITING, Thread.State.TERMINATED)
                            .contains(second.getState()));
            told.set(true);
        }));

        supervisor.get().close();
        second.join(PATIENCE.toMillis());

        assertThat(seen.get()).isTrue();
    }

    @Test
    void fromWithinTheTelemetryThatIsToldDoesNotWaitForThat() throws Exception {
        AtomicReference<Supervisor> supervisor = new AtomicReference<>();
        supervisor.set(supervisor(() -> supervisor.get().close()));

        Background<Void> closing = Background.run(() -> supervisor.get().close());

        closing.get();
    }
}
