package io.grip.supervisor.tree;

import java.util.concurrent.CompletableFuture;

/**
 * All that can reach the owner of a tree: a closed set. Applied by the owner alone, but for ends that go in beside each other
 * ({@link Owner#applyBeside}); short, and never code of the user's.
 */
sealed interface Command {

    void apply();

    /** From an incarnation's own thread: its code is about to be called. */
    record Entered(Incarnation incarnation) implements Command {
        @Override
        public void apply() {
            incarnation.node.entered(incarnation);
        }
    }

    /** From the worker: it is up. */
    record IsReady(Incarnation incarnation) implements Command {
        @Override
        public void apply() {
            incarnation.node.ready(incarnation);
        }
    }

    /** From an incarnation's own thread: the user's classifier is about to be called. */
    record Judging(Incarnation incarnation) implements Command {
        @Override
        public void apply() {
            incarnation.node.judging(incarnation);
        }
    }

    /** From an incarnation's own thread, the last it does; or its thread could not be started. */
    record Ended(Incarnation incarnation) implements Command {
        @Override
        public void apply() {
            incarnation.node.ended(incarnation);
        }

        /** Whether to apply it touches nothing that another thread of an incarnation may touch too. */
        boolean concernsItsChildAlone() {
            return incarnation.node.restartsBesideOthers(incarnation);
        }
    }

    /** The timer of an incarnation, if it is still the one that was armed. */
    record IncarnationDue(Incarnation incarnation, int arming) implements Command {
        @Override
        public void apply() {
            incarnation.due(arming);
        }
    }

    /** The timer of a child, if it is still the one that was armed. */
    record NodeDue(Node node, int arming) implements Command {
        @Override
        public void apply() {
            node.due(arming);
        }
    }

    /** A restart may go ahead. */
    record Granted(TreeLimits.Ticket ticket) implements Command {
        @Override
        public void apply() {
            ticket.node.granted(ticket);
        }
    }

    /** A first start has lasted long enough to count as one. */
    record Settled(StartWatch watch) implements Command {
        @Override
        public void apply() {
            watch.settled();
        }
    }

    record StartTree(Tree tree, CompletableFuture<Void> result) implements Command {
        @Override
        public void apply() {
            tree.start(result);
        }
    }

    /**
     * Asks a tree to stop.
     *
     * @param asked done as soon as the stop has begun; nothing depends on it but a thread that waits
     * @param result done when all is down
     */
    record StopTree(Tree tree, long deadline, CompletableFuture<Void> asked, CompletableFuture<Void> result)
            implements Command {
        @Override
        public void apply() {
            tree.stop(deadline, result);
            asked.complete(null);
        }
    }

    record Drain(Tree tree) implements Command {
        @Override
        public void apply() {
            tree.draining = true;
        }
    }

    record Add(Tree tree, String supervisor, Plan plan, CompletableFuture<ChildHandle> result) implements Command {
        @Override
        public void apply() {
            tree.operations.add(supervisor, plan, result);
        }
    }

    record Spawn(Tree tree, String supervisor, Worker worker, CompletableFuture<ChildHandle> result)
            implements Command {
        @Override
        public void apply() {
            tree.operations.spawn(supervisor, worker, result);
        }
    }

    record StopChild(Tree tree, String path, CompletableFuture<Void> result) implements Command {
        @Override
        public void apply() {
            tree.operations.stop(path, result);
        }
    }

    record StopHandle(Tree tree, ChildHandle handle, CompletableFuture<Void> result) implements Command {
        @Override
        public void apply() {
            tree.operations.stop(handle, result);
        }
    }

    record RestartChild(Tree tree, String path, CompletableFuture<Void> result) implements Command {
        @Override
        public void apply() {
            tree.operations.restart(path, result);
        }
    }

    record RemoveChild(Tree tree, String path, CompletableFuture<Void> result) implements Command {
        @Override
        public void apply() {
            tree.operations.remove(path, result);
        }
    }

    record AwaitEnd(Tree tree, String path, CompletableFuture<ChildEnd> result) implements Command {
        @Override
        public void apply() {
            tree.operations.awaitEnd(path, result);
        }
    }

    record AwaitEndOf(Tree tree, ChildHandle handle, CompletableFuture<ChildEnd> result) implements Command {
        @Override
        public void apply() {
            tree.operations.awaitEnd(handle, result);
        }
    }
}
