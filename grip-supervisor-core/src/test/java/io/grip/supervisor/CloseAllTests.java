package io.grip.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.fixture.Background;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Several supervisors closed at once, each with something that hangs. */
class CloseAllTests {

    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = ManualTime.create();

    private Supervisor hanging(String name) {
        Supervisor supervisor = Supervisor.builder(name)
                .policy(SupervisorPolicy.none())
                .time(time)
                .shutdownGrace(GRACE)
                .executor(Runnable::run)
                .build();
        supervisor.runAsync(context -> new Uncancellable());
        return supervisor;
    }

    /** A stage that goes on whatever is asked of it. */
    private static final class Uncancellable extends CompletableFuture<String> {

        @Override
        public boolean cancel(boolean mayInterrupt) {
            return false;
        }
    }

    @Test
    void takeNoLongerThanOne() throws Exception {
        List<Supervisor> supervisors =
                Stream.of("one", "two", "three").map(this::hanging).toList();

        Background<Void> closing = Background.run(() -> Supervisor.closeAll(supervisors));
        awaitClosed(supervisors);
        // By then the grace of each has begun.
        time.awaitWaitingThreads(1, PATIENCE);
        assertThat(closing.isDone()).isFalse();
        time.advance(GRACE);

        closing.get();
    }

    @Test
    void fromOneOfTheirTasksDoNotWaitForIt() {
        Supervisor one = Supervisor.builder("one").time(time).build();
        Supervisor two = Supervisor.builder("two").time(time).build();

        Result<String> result = one.run(context -> {
            Supervisor.closeAll(List.of(two, one));
            return "closed both";
        });

        assertThat(result.value()).isEqualTo("closed both");
        awaitClosed(List.of(one, two));
    }

    /** The close runs on another thread; closed one after another they would not come to be so, as time stands still. */
    private static void awaitClosed(List<Supervisor> supervisors) {
        long giveUp = System.nanoTime() + PATIENCE.toNanos();
        while (!supervisors.stream().allMatch(CloseAllTests::isClosed) && System.nanoTime() < giveUp) {
            Thread.onSpinWait();
        }
        assertThat(supervisors).allMatch(CloseAllTests::isClosed);
    }

    private static boolean isClosed(Supervisor supervisor) {
        return supervisor.run(context -> "value").failure() == FailureKind.SHUTDOWN;
    }
}
