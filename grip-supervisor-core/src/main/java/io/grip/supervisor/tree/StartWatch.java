package io.grip.supervisor.tree;

import io.grip.supervisor.time.Nanos;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A start that somebody waits for: of the whole tree, of a child added while it runs, or of one restarted by hand. Until
 * it is over, a failure of a child that is to fail fast is the caller's, and nobody's budget is touched. Belongs to the
 * tree's owner.
 */
final class StartWatch {

    enum Kind {
        BOOT,
        ADD,
        MANUAL
    }

    private final Tree tree;
    private final Node scope;
    private final Kind kind;
    private final ChildState before;
    private final CompletableFuture<?> result;
    private final Runnable success;

    private long settledAt;
    private boolean up;
    private boolean over;

    StartWatch(Tree tree, Node scope, Kind kind, CompletableFuture<?> result, Runnable success) {
        this.tree = tree;
        this.scope = scope;
        this.kind = kind;
        this.before = scope.state;
        this.result = result;
        this.success = success;
        this.settledAt = tree.time.nanoTime();
    }

    boolean isOver() {
        return over;
    }

    /** Whether a failure of this child now is a failure of the start. */
    boolean failsFastOn(Node child) {
        return !over
                && child instanceof WorkerNode worker
                && worker.spec.start().first() == FirstStart.FAIL_FAST
                && !(kind == Kind.MANUAL && before == ChildState.BACKING_OFF);
    }

    /** A child is up, or has ended as it should. */
    void wentUp(Node child) {
        if (over) {
            return;
        }
        if (child instanceof WorkerNode worker && !worker.spec.start().awaitReady() && failsFastOn(child)) {
            long settled = Nanos.after(tree.time.nanoTime(), worker.spec.start().settle());
            settledAt = Nanos.isBefore(settledAt, settled) ? settled : settledAt;
        }
        if (child == scope) {
            up = true;
            settleOrWait();
        }
    }

    /** A child failed and is tried again by itself. Its group waits for it; whoever waits for the tree need not. */
    void retrying(Node child, boolean othersWaitForIt) {
        if (!over && kind == Kind.BOOT && othersWaitForIt) {
            succeed();
        }
        if (!over && kind == Kind.MANUAL && before == ChildState.BACKING_OFF) {
            fail(new TreeStartException(child.path, "it failed again, and goes on being restarted", child.lastCause));
        }
    }

    private void settleOrWait() {
        long now = tree.time.nanoTime();
        if (!Nanos.isBefore(now, settledAt)) {
            succeed();
        } else {
            tree.time.schedule(settledAt, () -> tree.owner.submit(new Command.Settled(this)));
        }
    }

    void settled() {
        if (!over && up) {
            settleOrWait();
        }
    }

    /** Whether a child by which the start fails has failed for good before, and so is to be revived again. */
    boolean failsAgain() {
        return kind == Kind.MANUAL && before == ChildState.FAILED;
    }

    /** The start has failed by this child. */
    void failed(Node child, ChildFailure kindOfFailure, @Nullable Throwable cause) {
        end();
        String what = cause == null ? "it ended" : "it failed (" + kindOfFailure + ")";
        TreeStartException failure = new TreeStartException(child.path, what, cause);
        switch (kind) {
            case BOOT -> tree.stopAfterFailedStart(() -> result.completeExceptionally(failure));
            case ADD -> {
                tellWhenDown(failure);
                if (scope.stop(tree.never(), Node.After.REMOVE)) {
                    scope.parent().passed(scope);
                }
            }
            case MANUAL -> {
                if (before == ChildState.FAILED) {
                    child.settle(ChildState.FAILED);
                } else if (child.isLive()) {
                    child.stop(tree.never(), Node.After.STAY);
                } else {
                    child.settle(ChildState.STOPPED);
                }
                tree.tell(() -> result.completeExceptionally(failure));
            }
        }
    }

    /** The caller hears of it once nothing of the child is left. */
    private void tellWhenDown(TreeStartException failure) {
        CompletableFuture<Void> down = new CompletableFuture<>();
        down.whenComplete((ended, never) -> result.completeExceptionally(failure));
        scope.awaitStop(down);
    }

    /** The budget of a child is spent. */
    void gaveUp(Node child, ChildFailure kindOfFailure, @Nullable Throwable cause) {
        if (!over && child == scope) {
            fail(new TreeStartException(child.path, "it gave up (" + kindOfFailure + ")", cause));
        }
    }

    /** A child is down, and stays so: who waits for it to come up waits in vain, unless it has been up. */
    void settledIn(Node child) {
        if (child == scope && kind != Kind.BOOT && !up) {
            cancelled(null);
        } else if (child == scope && kind != Kind.BOOT && !over) {
            settleOrWait();
        }
    }

    /** Somebody else starts the child by hand, and waits for that. */
    void replaced(Node child) {
        if (child == scope && kind != Kind.BOOT) {
            cancelled(null);
        }
    }

    /** The tree ends before the start is over. */
    void cancelled(@Nullable Throwable cause) {
        if (!over) {
            if (cause == null) {
                CancellationException stopped = new CancellationException("tree '" + tree.name + "': '" + scope.path
                        + "' was stopped, or started anew, before it was up");
                end();
                tree.tell(() -> result.completeExceptionally(stopped));
            } else {
                fail(new TreeStartException(scope.path, "it escalated", cause));
            }
        }
    }

    private void fail(TreeStartException failure) {
        end();
        tree.tell(() -> result.completeExceptionally(failure));
    }

    private void succeed() {
        end();
        tree.tell(success);
    }

    /** It is over: from here on it does nothing, and its child, which may run for long, need not keep it. */
    private void end() {
        over = true;
        if (scope.watch == this) {
            scope.watch = null;
        }
    }
}
