package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Backoff;
import io.grip.supervisor.spring.lifecycle.RootActions;
import io.grip.supervisor.tree.FirstStart;
import io.grip.supervisor.tree.OnGiveUp;
import io.grip.supervisor.tree.RestartStrategy;
import java.time.Duration;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The part of {@link GripSupervisorProperties} that is about trees, as it was written: what is not set is null. */
public final class TreeProperties {

    private TreeProperties() {}

    /**
     * One tree.
     *
     * @param strategy Who is restarted when a direct child fails.
     * @param phase Time of start and stop: intake, service, or a number.
     * @param rootAction What is done when the root gives up.
     * @param intensity Limit to the failures of all direct children.
     * @param outOfServiceAfter Number of failures in a row from which on a child that is being restarted shows as out of
     *     service.
     * @param maxChildren Under the strategy template, number of children at once.
     * @param defaults Rules that every child of the tree starts from, one by one.
     * @param template Under the strategy template, rules of all children.
     * @param children Children, in the order of their start.
     */
    public record Tree(
            @Nullable RestartStrategy strategy,
            @Nullable TreePhase phase,
            @DefaultValue Root rootAction,
            @DefaultValue Intensity intensity,
            @Nullable Integer outOfServiceAfter,
            @Nullable CountLimit maxChildren,
            @DefaultValue Rules defaults,
            @Nullable Rules template,
            @Nullable List<Child> children) {

        static final Tree NOTHING = new Tree(
                null,
                null,
                new Root(null, null, null, null),
                new Intensity(null, null),
                null,
                null,
                Rules.NOTHING,
                null,
                null);

        /** These values, and those of another spelling of the same tree where these are not set. */
        Tree filledFrom(Tree other) {
            return new Tree(
                    or(strategy, other.strategy),
                    or(phase, other.phase),
                    new Root(
                            or(rootAction.type, other.rootAction.type),
                            or(rootAction.exitCode, other.rootAction.exitCode),
                            or(rootAction.deadline, other.rootAction.deadline),
                            or(rootAction.halt, other.rootAction.halt)),
                    new Intensity(
                            or(intensity.maxRestarts, other.intensity.maxRestarts),
                            or(intensity.period, other.intensity.period)),
                    or(outOfServiceAfter, other.outOfServiceAfter),
                    or(maxChildren, other.maxChildren),
                    defaults.merged(other.defaults, Backoff::filledFrom),
                    or(template, other.template),
                    or(children, other.children));
        }
    }

    /**
     * What is done when a root gives up.
     *
     * @param type Kind of action.
     * @param exitCode Exit code of the application, for exit.
     * @param deadline Time that the action may take.
     * @param halt Whether the JVM is halted when the action takes longer.
     */
    public record Root(
            RootActions.@Nullable Type type,
            @Nullable Integer exitCode,
            @Nullable Duration deadline,
            @Nullable Boolean halt) {}

    /**
     * A limit against flapping.
     *
     * @param maxRestarts Number of failures that the period may hold; one more, and the supervisor gives up.
     * @param period Length of the sliding period.
     */
    public record Intensity(
            @Nullable Integer maxRestarts, @Nullable Duration period) {}

    /**
     * A child: a worker, or a supervisor with children or a template of its own.
     *
     * @param worker Name of the worker.
     * @param name Name of the child, where it is not that of the worker.
     * @param strategy Who is restarted when a child of this supervisor fails.
     * @param intensity Limit to the failures of all children of this supervisor.
     * @param maxChildren Under the strategy template, number of children at once.
     * @param template Under the strategy template, rules of all children.
     * @param children Children of this supervisor, in the order of their start.
     * @param restart When it is restarted.
     * @param start How a worker starts.
     * @param stop How a worker is stopped.
     * @param heartbeat How long a worker may go without a heartbeat; 'none' for any time.
     */
    public record Child(
            @Nullable String worker,
            @Nullable String name,
            @Nullable RestartStrategy strategy,
            @DefaultValue Intensity intensity,
            @Nullable CountLimit maxChildren,
            @Nullable Rules template,
            @Nullable List<Child> children,
            @DefaultValue Restart restart,
            @DefaultValue Start start,
            @DefaultValue Stop stop,
            @Nullable DurationLimit heartbeat) {

        /** Reads a property value: the name of a worker. */
        public static Child of(String worker) {
            return ofWorker(worker.strip());
        }

        static Child ofWorker(String worker) {
            Rules nothing = Rules.NOTHING;
            return new Child(
                    worker,
                    null,
                    null,
                    new Intensity(null, null),
                    null,
                    null,
                    null,
                    nothing.restart,
                    nothing.start,
                    nothing.stop,
                    null);
        }

        Rules rules() {
            return new Rules(restart, start, stop, heartbeat);
        }
    }

    /**
     * Rules of children.
     *
     * @param restart When they are restarted.
     * @param start How they start.
     * @param stop How they are stopped.
     * @param heartbeat How long they may go without a heartbeat; 'none' for any time.
     */
    public record Rules(
            @DefaultValue Restart restart,
            @DefaultValue Start start,
            @DefaultValue Stop stop,
            @Nullable DurationLimit heartbeat) {

        static final Rules NOTHING = new Rules(
                new Restart(null, null, null, new Backoff(null, null, null, null), null, null, null),
                new Start(null, null, null, null),
                new Stop(null, null),
                null);

        /** These rules, and inherited ones where these are not set. */
        Rules inheriting(Rules base) {
            return merged(base, Backoff::inheriting);
        }

        private Rules merged(Rules base, BinaryOperator<Backoff> backoffs) {
            return new Rules(
                    new Restart(
                            or(restart.mode, base.restart.mode),
                            or(restart.consecutiveFailures, base.restart.consecutiveFailures),
                            or(restart.jitter, base.restart.jitter),
                            backoffs.apply(restart.backoff, base.restart.backoff),
                            or(restart.resetAfter, base.restart.resetAfter),
                            or(restart.reviveAfter, base.restart.reviveAfter),
                            or(restart.onGiveUp, base.restart.onGiveUp)),
                    new Start(
                            or(start.first, base.start.first),
                            or(start.awaitReady, base.start.awaitReady),
                            or(start.timeout, base.start.timeout),
                            or(start.settle, base.start.settle)),
                    new Stop(or(stop.grace, base.stop.grace), or(stop.abandonAfter, base.stop.abandonAfter)),
                    or(heartbeat, base.heartbeat));
        }
    }

    /**
     * When a child is restarted.
     *
     * @param mode Ends that are followed by a restart.
     * @param consecutiveFailures Failures in a row that are followed by a restart; the next one is final.
     * @param jitter Share of each delay that is left to chance, from 0 (none) to 1 (all).
     * @param backoff Delay before each restart.
     * @param resetAfter Time a child must be up for its failures to be forgotten.
     * @param reviveAfter Time after a final failure when an isolated child is tried again; 'none' for never.
     * @param onGiveUp What follows a final failure.
     */
    public record Restart(
            @Nullable RestartPolicy mode,
            @Nullable CountLimit consecutiveFailures,
            @Nullable Double jitter,
            @DefaultValue Backoff backoff,
            @Nullable Duration resetAfter,
            @Nullable DurationLimit reviveAfter,
            @Nullable OnGiveUp onGiveUp) {}

    /**
     * How a worker starts.
     *
     * @param first What follows when the very first start fails: the start of the application fails, or it is retried.
     * @param awaitReady Whether it is up only once it has said so.
     * @param timeout Time to say so.
     * @param settle Time after its beginning in which a failure counts as a failed first start.
     */
    public record Start(
            @Nullable FirstStart first,
            @Nullable Boolean awaitReady,
            @Nullable Duration timeout,
            @Nullable Duration settle) {}

    /**
     * How a worker is stopped.
     *
     * @param grace Time before it is interrupted.
     * @param abandonAfter Time after which it is given up on.
     */
    public record Stop(@Nullable Duration grace, @Nullable Duration abandonAfter) {}

    private static <T> @Nullable T or(@Nullable T own, @Nullable T other) {
        return own != null ? own : other;
    }
}
