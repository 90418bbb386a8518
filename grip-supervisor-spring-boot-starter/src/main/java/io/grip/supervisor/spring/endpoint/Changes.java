package io.grip.supervisor.spring.endpoint;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.endpoint.ChangeListener.Change;
import io.grip.supervisor.spring.endpoint.PolicyDesk.PolicyChange;
import io.grip.supervisor.spring.endpoint.RefusedChangeException.Problem;
import io.grip.supervisor.tree.ChildOperationException;
import io.grip.supervisor.tree.ChildState;
import io.grip.supervisor.tree.SupervisionTree;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes changes, and tells of those that were made. Safe for use by any thread. */
final class Changes {

    /** How long a request waits for what it has asked a tree to do; its answer then shows how far that has got. Longer than the default grace. */
    private static final long PATIENCE_SECONDS = 6;

    private static final System.Logger LOG = System.getLogger(Changes.class.getName());

    private final PolicyDesk policies;
    private final List<ChangeListener> listeners;

    Changes(PolicyDesk policies, List<ChangeListener> listeners) {
        this.policies = policies;
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Changes a supervisor of calls.
     *
     * @throws RefusedChangeException if there is no such action, or its values cannot be
     * @throws IllegalStateException if the supervisor is closed
     */
    void of(Supervisor supervisor, String action, @Nullable Map<String, String> policy, @Nullable String by) {
        boolean update = action.equals("update");
        if (!update) {
            requireNoPolicy(policy, action);
        }
        if (supervisor.isClosed()) {
            throw new IllegalStateException("Supervisor '" + supervisor.name() + "' is closed.");
        }
        switch (action) {
            case "update" -> update(supervisor, policy, by);
            case "drain" -> change(supervisor, action, by, supervisor::drain);
            case "resume" -> change(supervisor, action, by, supervisor::resume);
            default -> throw unknown(action, "update, drain, resume");
        }
    }

    private void update(Supervisor supervisor, @Nullable Map<String, String> policy, @Nullable String by) {
        if (policy == null || policy.isEmpty()) {
            throw refused(
                    "policy",
                    null,
                    "An update needs a policy with at least one value, as in"
                            + " {\"action\": \"update\", \"policy\": {\"retry.max-attempts\": \"5\"}}.");
        }
        Map<String, PolicyChange> changed = policies.change(supervisor, policy, by);
        Map<String, String> from = new TreeMap<>();
        Map<String, String> to = new TreeMap<>();
        changed.forEach((key, change) -> {
            from.put(key, change.from());
            to.put(key, change.to());
        });
        tell(new Change(by, SupervisorsEndpoint.CALLS, supervisor.name(), "", "update", from, to));
    }

    private void change(Supervisor supervisor, String action, @Nullable String by, Runnable change) {
        Map<String, String> from = Map.of("state", supervisor.state().name());
        change.run();
        Map<String, String> to = Map.of("state", supervisor.state().name());
        tell(new Change(by, SupervisorsEndpoint.CALLS, supervisor.name(), "", action, from, to));
    }

    /**
     * Changes a child of a tree.
     *
     * @param path below the root, which itself can not be changed
     * @throws RefusedChangeException if there is no such action
     * @throws ChildOperationException if the child is in no state for it
     * @throws IllegalStateException if it failed for another reason
     */
    void of(
            SupervisionTree tree,
            String path,
            String action,
            @Nullable Map<String, String> policy,
            @Nullable String by) {
        requireNoPolicy(policy, action);
        if (path.isEmpty()) {
            throw refused("path", tree.name(), "Only the children of a tree can be changed, not its root.");
        }
        String before = stateOf(tree, path).name();
        switch (action) {
            case "restart" -> restart(tree, path);
            case "stop" -> await(tree.stopChild(path));
            case "start" -> await(tree.restartChild(path));
            default -> throw unknown(action, "restart, stop, start");
        }
        Map<String, String> to = Map.of("state", stateOf(tree, path).name());
        tell(new Change(by, SupervisorsEndpoint.TREES, tree.name(), path, action, Map.of("state", before), to));
    }

    /** A child that is up is stopped first: the tree restarts what is down. */
    private static void restart(SupervisionTree tree, String path) {
        ChildState state = stateOf(tree, path);
        if (state == ChildState.STARTING || state == ChildState.RUNNING) {
            await(tree.stopChild(path).thenCompose(stopped -> tree.restartChild(path)));
        } else {
            await(tree.restartChild(path));
        }
    }

    private static ChildState stateOf(SupervisionTree tree, String path) {
        return tree.snapshot(path).state();
    }

    private static void await(CompletionStage<?> asked) {
        try {
            asked.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stillAtIt) {
            LOG.log(System.Logger.Level.DEBUG, "a change of a tree takes longer than its request waits");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the change, which goes on.", interrupted);
        } catch (ExecutionException | CompletionException failed) {
            if (failed.getCause() instanceof ChildOperationException impossible) {
                throw impossible;
            }
            throw new IllegalStateException("The change failed: " + failed.getCause(), failed);
        }
    }

    private static void requireNoPolicy(@Nullable Map<String, String> policy, String action) {
        if (policy != null) {
            throw refused("policy", null, "Only the action 'update' takes a policy, not '" + shortened(action) + "'.");
        }
    }

    private static RefusedChangeException unknown(String action, String known) {
        return refused("action", action, "There is no such action here; known are " + known + ".");
    }

    static RefusedChangeException refused(String field, @Nullable String value, String message) {
        return new RefusedChangeException(List.of(new Problem(field, shortened(value), message)));
    }

    private static @Nullable String shortened(@Nullable String text) {
        return LastFailures.shortened(text);
    }

    /** The change is made: a listener that fails cannot undo it, and must not hide it from the others. */
    private void tell(Change change) {
        for (ChangeListener listener : listeners) {
            try {
                listener.changed(change);
            } catch (RuntimeException failed) {
                LOG.log(System.Logger.Level.WARNING, "a listener to changes of '" + change.name() + "' failed", failed);
            }
        }
    }
}
