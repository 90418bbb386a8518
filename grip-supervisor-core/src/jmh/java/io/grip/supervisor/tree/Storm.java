package io.grip.supervisor.tree;

import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A thousand children whose dependency is gone for a minute: how often they try to start, and how many of them at once. On
 * manual time, with incarnations that run where they are started, so the figures are the rules' and the same everywhere.
 */
public final class Storm {

    private static final int CHILDREN = 1_000;
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int STEPS = 600;

    /** How many starts there were, and how many in the busiest tenth of a second after the first two seconds. */
    public record Figures(int attempts, int peak) {}

    private Storm() {}

    /** Children that wait so long and so evenly, within such limits. */
    public static Figures of(BackoffPolicy backoff, double jitter, TreeLimits limits) {
        int[] starts = {0};
        ManualTime time = ManualTime.create();
        IllegalStateException gone = new IllegalStateException("the dependency is gone");
        SupervisionTree.Builder builder = SupervisionTree.builder("storm")
                .time(time)
                .limits(limits)
                .launcher(new InPlace())
                .keepAlive(false);
        for (int i = 0; i < CHILDREN; i++) {
            Worker worker = context -> {
                if (time.nanoTime() > 0) {
                    starts[0]++;
                }
                throw gone;
            };
            builder.child(ChildSpec.of("c" + i, worker)
                    .withBackoff(backoff)
                    .withJitter(jitter)
                    .withConsecutiveFailures(Integer.MAX_VALUE)
                    .withFirstStart(FirstStart.RETRY));
        }
        SupervisionTree tree = builder.build();
        tree.startAsync();
        int peak = 0;
        for (int step = 0; step < STEPS; step++) {
            int before = starts[0];
            time.advance(STEP);
            if (step >= 20) {
                peak = Math.max(peak, starts[0] - before);
            }
        }
        tree.stopAsync();
        return new Figures(starts[0], peak);
    }

    /** Starts nothing: whoever asks for an incarnation runs it. */
    private static final class InPlace implements Launcher {

        @Override
        public Handle launch(String name, Incarnation incarnation) {
            incarnation.enter();
            try {
                incarnation.begin().run(incarnation);
                incarnation.end(null);
            } catch (Exception failure) {
                incarnation.end(failure);
            }
            return new Handle() {
                @Override
                public void interrupt() {
                    // It has ended.
                }

                @Override
                public List<StackTraceElement> stack() {
                    return List.of();
                }
            };
        }

        @Override
        public void detached(String name, Runnable body) {
            body.run();
        }

        @Override
        public void keepAlive(String name, CountDownLatch ended) {
            // Whoever advances the time is alive.
        }
    }
}
