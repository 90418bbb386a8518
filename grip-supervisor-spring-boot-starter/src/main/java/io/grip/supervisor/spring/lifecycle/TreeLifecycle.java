package io.grip.supervisor.spring.lifecycle;

import io.grip.supervisor.time.TimeSource;
import io.grip.supervisor.tree.ChildOperationException;
import io.grip.supervisor.tree.ChildSnapshot;
import io.grip.supervisor.tree.StopReport;
import io.grip.supervisor.tree.SupervisionTree;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Lets one supervision tree follow the life of its application context: starts it, in its phase; lets it restart nothing
 * any more as soon as the context begins to close; stops it, in its phase, without keeping anybody waiting for longer than
 * the phase has. Stopped, it can be started again.
 *
 * <p>Called by the thread that starts, stops or closes the context.
 */
public final class TreeLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent>, Ordered {

    /**
     * How a tree fits into its context.
     *
     * @param phase of start and stop
     * @param timeout how long the context waits for a phase to stop
     * @param enabled whether the tree starts with the context
     * @param warns whether to warn of rules that do not fit into the timeout
     */
    public record Fit(int phase, Duration timeout, boolean enabled, boolean warns) {}

    private static final Log log = LogFactory.getLog(TreeLifecycle.class);
    private static final Duration MARGIN = Duration.ofMillis(500);

    private final SupervisionTree tree;
    private final Fit fit;
    private final ApplicationContext context;
    private final TimeSource time;
    private final Runnable prepare;
    private final @Nullable RootActions rootActions;

    /** Whether started and not at the end of a stop; volatile because any thread may ask. */
    private volatile boolean running;

    /**
     * Not started yet.
     *
     * @param prepare called before each start
     * @param rootActions told of each start of a tree that has its action from there
     * @param time that the tree goes by
     */
    public TreeLifecycle(
            SupervisionTree tree,
            Fit fit,
            ApplicationContext context,
            Runnable prepare,
            @Nullable RootActions rootActions,
            TimeSource time) {
        this.tree = tree;
        this.fit = fit;
        this.context = context;
        this.prepare = prepare;
        this.rootActions = rootActions;
        this.time = time;
    }

    @Override
    public int getPhase() {
        return fit.phase();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public boolean isAutoStartup() {
        return fit.enabled();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Comes before any stop: what workers use may go from now on, and a restart would only fail. */
    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == context) {
            tree.drain();
        }
    }

    // ---- start

    @Override
    public void start() {
        if (running) {
            return;
        }
        warnIfItMayNotStopInTime();
        prepare.run();
        if (rootActions != null) {
            rootActions.startedAnew(tree.name());
        }
        try {
            tree.start();
        } catch (ChildOperationException refused) {
            // The application has started its own tree itself: that is a start too, and the stop is still ours.
            if (refused.reason() != ChildOperationException.Reason.ALREADY_STARTED) {
                throw refused;
            }
        }
        running = true;
    }

    private void warnIfItMayNotStopInTime() {
        Duration needed = tree.worstCaseStop();
        if (fit.warns() && needed.compareTo(stopWithin()) > 0) {
            log.warn("Tree '" + tree.name() + "' may take " + needed
                    + " to stop if none of its workers ends when asked, but its phase has " + fit.timeout()
                    + " (spring.lifecycle.timeout-per-shutdown-phase): workers that are not down by then are abandoned."
                    + " Lower stop.abandon-after of its children, or raise that timeout, and with it the time that"
                    + " whoever runs the application gives it to end (30 s in Kubernetes).");
        }
    }

    // ---- stop

    /** Stops, and waits for that. */
    @Override
    public void stop() {
        report(tree.stop(stopWithin()));
        running = false;
    }

    /** Stops without waiting, and calls back, once: when all is down, or shortly before the phase is over. */
    @Override
    public void stop(Runnable callback) {
        AtomicBoolean over = new AtomicBoolean();
        TimeSource.Timer late = time.schedule(time.nanoTime() + callbackWithin().toNanos(), () -> {
            if (over.compareAndSet(false, true)) {
                reportOverdue();
                end(callback);
            }
        });
        tree.stopAsync(stopWithin()).whenComplete((report, failure) -> {
            late.cancel();
            if (over.compareAndSet(false, true)) {
                if (report != null) {
                    report(report);
                } else {
                    log.error("Tree '" + tree.name() + "' could not be stopped", failure);
                }
                end(callback);
            }
        });
    }

    private void end(Runnable callback) {
        running = false;
        callback.run();
    }

    /** Before the phase is over, so that the report comes while somebody still waits for it. */
    private Duration callbackWithin() {
        return lessMargin(fit.timeout());
    }

    /** Before that, so that what hangs is abandoned by the tree, by name, and not by the context. */
    private Duration stopWithin() {
        return lessMargin(callbackWithin());
    }

    private static Duration lessMargin(Duration span) {
        return span.compareTo(MARGIN.multipliedBy(2)) > 0 ? span.minus(MARGIN) : span.dividedBy(2);
    }

    private void report(StopReport report) {
        if (report.isClean()) {
            log.info("Tree '" + tree.name() + "' is down after "
                    + report.waited().toMillis() + " ms");
        } else {
            log.warn("Tree '" + tree.name() + "' is down but for "
                    + report.leftBehind().stream().map(TreeLifecycle::text).collect(Collectors.joining("; ")));
        }
    }

    private static String text(StopReport left) {
        String at = left.abandoned().stream()
                .flatMap(each -> each.stack().stream().limit(1))
                .map(frame -> ", at " + frame)
                .collect(Collectors.joining());
        return "'" + left.path() + "' (" + left.state() + ", "
                + left.abandoned().size() + " abandoned" + at + ")";
    }

    private void reportOverdue() {
        log.warn("Tree '" + tree.name() + "' is not down in time: "
                + tree.snapshot()
                        .all()
                        .filter(child -> child.children().isEmpty() && isUp(child))
                        .map(child -> "'" + child.path() + "' (" + child.state() + ")")
                        .collect(Collectors.joining("; ")));
    }

    private static boolean isUp(ChildSnapshot child) {
        return switch (child.state()) {
            case REGISTERED, STOPPED, FAILED -> false;
            case STARTING, RUNNING, BACKING_OFF, RESTARTING, STOPPING, HELD -> true;
        };
    }
}
