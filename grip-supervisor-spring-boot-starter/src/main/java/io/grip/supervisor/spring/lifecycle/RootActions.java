package io.grip.supervisor.spring.lifecycle;

import io.grip.supervisor.tree.RootAction;
import io.grip.supervisor.tree.RootFailure;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What the trees of one application context do when their root gives up, and which of them have. The actions run on the
 * daemon thread that the tree has for them; everything else is called by any thread.
 */
public final class RootActions {

    /** What to do. */
    public enum Type {
        /** The application refuses traffic: its readiness goes, its liveness stays. */
        DOWN,
        /** The application is broken: whoever runs it should start it anew. */
        MARK_BROKEN,
        /** The application context is closed. */
        CLOSE_CONTEXT,
        /** The application context is closed, then the JVM exits. */
        EXIT,
        /** Nothing beyond the log entry; health shows it all the same. */
        LOG
    }

    /**
     * One tree's choice.
     *
     * @param exitCode for {@link Type#EXIT}
     * @param deadline how long the action may take, positive
     * @param halt whether the JVM is halted with the exit code when it takes longer
     */
    public record Choice(Type type, int exitCode, Duration deadline, boolean halt) {

        /** Readiness, for as long as 30 s. */
        public static final Choice DEFAULT = new Choice(Type.DOWN, 1, Duration.ofSeconds(30), false);
    }

    private static final Log log = LogFactory.getLog(RootActions.class);

    private final ConfigurableApplicationContext context;
    private final IntConsumer exit;
    private final Map<String, RootFailure> failures = new ConcurrentHashMap<>();

    /** Those of a context. */
    public RootActions(ConfigurableApplicationContext context) {
        this(context, System::exit);
    }

    RootActions(ConfigurableApplicationContext context, IntConsumer exit) {
        this.context = context;
        this.exit = exit;
    }

    /**
     * The action of a tree.
     *
     * @throws IllegalArgumentException if the deadline is out of range
     */
    public RootAction of(Choice choice) {
        RootAction action = new RootAction(failure -> act(choice, failure), choice.deadline(), Optional.empty());
        return choice.halt()
                ? action.orElse(choice.deadline(), () -> Runtime.getRuntime().halt(choice.exitCode()))
                : action;
    }

    private void act(Choice choice, RootFailure failure) {
        failures.put(failure.tree(), failure);
        log.error("Tree '" + failure.tree() + "' needs help from outside: " + failure.reason() + " at '"
                + failure.path() + "'; what follows is " + choice.type());
        switch (choice.type()) {
            case DOWN -> AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
            case MARK_BROKEN -> {
                AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
                AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
            }
            case CLOSE_CONTEXT -> context.close();
            case EXIT -> exit.accept(SpringApplication.exit(context, choice::exitCode));
            case LOG -> {}
        }
    }

    /** Why a tree gave up, if it has since its last start. */
    public Optional<RootFailure> failureOf(String tree) {
        return Optional.ofNullable(failures.get(tree));
    }

    /** A tree has been started anew: what it had given up is forgotten, and readiness with the last of them. */
    void startedAnew(String tree) {
        if (failures.remove(tree) != null && failures.isEmpty()) {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        }
    }
}
