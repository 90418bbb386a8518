package io.grip.supervisor.tree;

import io.grip.supervisor.tree.ChildOperationException.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is asked of a running tree by its users, as far as its owner carries it out. Belongs to the owner. */
final class Operations {

    private final Tree tree;

    Operations(Tree tree) {
        this.tree = tree;
    }

    void add(String supervisorPath, Plan plan, CompletableFuture<ChildHandle> result) {
        try {
            SupervisorNode supervisor = supervisorAt(supervisorPath);
            if (supervisor.spec.strategy() == RestartStrategy.TEMPLATE) {
                throw refusal(Reason.NOT_BY_PATH, supervisorPath, "makes its children from a template: spawn them");
            }
            Node known = supervisor.byName.get(plan.spec.name());
            if (known != null) {
                boolean active = known.state.isActive();
                throw refusal(
                        active ? Reason.ALREADY_RUNNING : Reason.ALREADY_PRESENT,
                        known.path,
                        active ? "is there and running" : "is there already, " + known.state);
            }
            begin(supervisor, plan, result);
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    void spawn(String supervisorPath, Worker worker, CompletableFuture<ChildHandle> result) {
        try {
            SupervisorNode supervisor = supervisorAt(supervisorPath);
            Plan template = supervisor.plan.template;
            if (template == null) {
                throw refusal(Reason.NOT_BY_PATH, supervisorPath, "has no template: add children to it by name");
            }
            if (supervisor.size() >= supervisor.spec.maxChildren()) {
                throw refusal(
                        Reason.TOO_MANY,
                        supervisorPath,
                        "has " + supervisor.size() + " children, and its max-children is "
                                + supervisor.spec.maxChildren());
            }
            begin(supervisor, template.instance(supervisor.nextSpawnedName(), worker), result);
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    private void begin(SupervisorNode supervisor, Plan plan, CompletableFuture<ChildHandle> result) {
        if (tree.wasNeverStarted()) {
            ChildHandle handle = new ChildHandle(supervisor.append(plan, true));
            tree.tell(() -> result.complete(handle));
            return;
        }
        requireRunning(supervisor);
        Node child = supervisor.append(plan, false);
        ChildHandle handle = new ChildHandle(child);
        child.watch = new StartWatch(tree, child, StartWatch.Kind.ADD, result, () -> result.complete(handle));
        if (supervisor.phase == SupervisorNode.Phase.STEADY) {
            child.start(false);
        }
    }

    void stop(String path, CompletableFuture<Void> result) {
        try {
            stop(childAt(path), result);
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    void stop(ChildHandle handle, CompletableFuture<Void> result) {
        Node child = handle.node();
        if (child.tree != tree) {
            refuse(result, refusal(Reason.NOT_FOUND, child.path, "belongs to tree '" + child.tree.name + "'"));
        } else if (child.unlinked) {
            tree.tell(() -> result.complete(null));
        } else {
            stop(child, result);
        }
    }

    private void stop(Node child, CompletableFuture<Void> result) {
        SupervisorNode supervisor = child.parent();
        boolean ofTemplate = supervisor.spec.strategy() == RestartStrategy.TEMPLATE;
        child.awaitStop(result);
        if (child.stop(tree.never(), ofTemplate ? Node.After.REMOVE : Node.After.STAY)) {
            if (child.state == ChildState.FAILED) {
                child.settle(ChildState.STOPPED);
            }
            supervisor.passed(child);
        }
    }

    void restart(String path, CompletableFuture<Void> result) {
        try {
            Node child = childAt(path);
            SupervisorNode supervisor = child.parent();
            requireRunning(supervisor);
            switch (child.state) {
                case RUNNING -> throw refusal(Reason.RUNNING, path, "is running: stop it first");
                case STARTING, STOPPING, RESTARTING, REGISTERED ->
                    throw refusal(Reason.RESTARTING, path, "is " + child.state + " already");
                case HELD -> throw held(path);
                case STOPPED, FAILED, BACKING_OFF -> {
                    if (child.isLive() || child.hasAbandoned()) {
                        throw held(path);
                    }
                    if (supervisor.phase != SupervisorNode.Phase.STEADY) {
                        throw refusal(Reason.RESTARTING, path, "belongs to a group that is being restarted");
                    }
                }
            }
            restart(child, result);
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    private void restart(Node child, CompletableFuture<Void> result) {
        child.disarm();
        child.forgetTurn();
        child.failures = 0;
        child.reviving = false;
        child.after = Node.After.STAY;
        if (child.watch != null) {
            child.watch.replaced(child);
        }
        child.watch = new StartWatch(tree, child, StartWatch.Kind.MANUAL, result, () -> result.complete(null));
        child.start(false);
    }

    void remove(String path, CompletableFuture<Void> result) {
        try {
            Node child = childAt(path);
            switch (child.state) {
                case RUNNING -> throw refusal(Reason.RUNNING, path, "is running: stop it first");
                case STARTING, STOPPING, RESTARTING ->
                    throw refusal(Reason.RESTARTING, path, "is " + child.state + ": stop it first");
                case REGISTERED, STOPPED, FAILED, BACKING_OFF, HELD -> {
                    SupervisorNode supervisor = child.parent();
                    child.awaitStop(result);
                    if (child.stop(tree.never(), Node.After.REMOVE)) {
                        supervisor.passed(child);
                    }
                    warnIfUnreachable(supervisor);
                }
            }
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    /** With a child fewer the rest may not be able to exceed the supervisor's window any more. */
    private void warnIfUnreachable(SupervisorNode supervisor) {
        if (supervisor.spec.intensity().isPresent()) {
            List<Plan> left =
                    supervisor.byName.values().stream().map(node -> node.plan).toList();
            Reachability.complaint(supervisor.spec, left)
                    .ifPresent(complaint ->
                            tree.emit(supervisor, new TreeEvent.ConfigUnreachable(supervisor.path, complaint)));
        }
    }

    void awaitEnd(String path, CompletableFuture<ChildEnd> result) {
        try {
            nodeAt(path).awaitEnd(result);
        } catch (ChildOperationException refused) {
            refuse(result, refused);
        }
    }

    void awaitEnd(ChildHandle handle, CompletableFuture<ChildEnd> result) {
        if (handle.node().tree != tree) {
            refuse(
                    result,
                    refusal(Reason.NOT_FOUND, handle.path(), "belongs to tree '" + handle.node().tree.name + "'"));
        } else {
            handle.node().awaitEnd(result);
        }
    }

    private void requireRunning(SupervisorNode supervisor) {
        if (!tree.isRunning() || supervisor.phase == SupervisorNode.Phase.DOWN || supervisor.isGoingDown()) {
            throw refusal(Reason.NOT_RUNNING, supervisor.path, "is not running");
        }
    }

    /** A child that may be addressed by path. */
    private Node childAt(String path) {
        Node node = nodeAt(path);
        if (node.parent == null) {
            throw refusal(Reason.NOT_FOUND, path, "is the root: start and stop the tree itself");
        }
        if (node.parent.spec.strategy() == RestartStrategy.TEMPLATE) {
            throw refusal(Reason.NOT_BY_PATH, path, "was made from a template: use its handle");
        }
        return node;
    }

    private SupervisorNode supervisorAt(String path) {
        if (nodeAt(path) instanceof SupervisorNode supervisor) {
            return supervisor;
        }
        throw refusal(Reason.NOT_A_SUPERVISOR, path, "is a worker and has no children");
    }

    private Node nodeAt(String path) {
        Node node = find(tree.root, path);
        if (node == null) {
            throw refusal(Reason.NOT_FOUND, path, "is not there");
        }
        return node;
    }

    /** May be called by any thread. */
    static @Nullable Node find(SupervisorNode root, String path) {
        Node node = root;
        for (String part : path.isEmpty() ? new String[0] : path.split("/", -1)) {
            node = node instanceof SupervisorNode supervisor ? supervisor.byName.get(part) : null;
        }
        return node;
    }

    private ChildOperationException held(String path) {
        return refusal(Reason.HELD, path, "has an older incarnation that is still alive");
    }

    private ChildOperationException refusal(Reason reason, String path, String what) {
        return new ChildOperationException(reason, "tree '" + tree.name + "': '" + path + "' " + what);
    }

    private void refuse(CompletableFuture<?> result, ChildOperationException refused) {
        tree.tell(() -> result.completeExceptionally(refused));
    }
}
