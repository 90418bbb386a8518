package io.grip.supervisor.engine;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.thread.Timed;
import io.grip.supervisor.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the task of an attempt on the caller's thread sees. Once the attempt is over, its frame may serve another: the
 * context then knows nothing but whether it failed, and the execution it was part of.
 *
 * <p>Most tasks never ask their context anything, so one that was not asked serves the next attempt of the same frame
 * too, and a call that goes well makes nothing. The first question, from any thread, binds it to its attempt for good.
 * What remains is a context that a task keeps beyond its execution without ever having asked it: it may come to stand for
 * a later attempt of that thread, as {@link ExecutionContext} says. An attempt that fails and is followed by another
 * keeps its context for itself, asked or not: work that it has left behind must see that it was left.
 *
 * <p>Four words and two flags, 32 bytes: what a call costs whose task does ask.
 */
final class AttemptContext implements ExecutionContext, Timed, Member {

    private final AttemptFrame frame;
    private @Nullable RunContext run;
    private int use;
    private int attempt;

    /** Whether somebody has asked it anything. Plain: the owner reads it after the task has returned to it. */
    private boolean bound;

    /** Whether the attempt has failed. Plain: written before its end is published, read after that was looked for. */
    private boolean left;

    AttemptContext(AttemptFrame frame) {
        this.frame = frame;
    }

    /** Called by the owner before the attempt: whether the context can stand for it, because nobody knows it yet. */
    boolean beginsUse(int use, @Nullable RunContext run, int attempt) {
        if (bound) {
            return false;
        }
        this.use = use;
        this.left = false;
        if (this.run != run) {
            this.run = run;
        }
        this.attempt = attempt;
        return true;
    }

    /** Called by the owner when the attempt has failed, before its frame ends or goes on: from then on it is cancelled. */
    void leave() {
        left = true;
    }

    /** As {@link #leave}, where its frame is not to hand it to anybody else. */
    void leaveForGood() {
        left = true;
        bound = true;
    }

    /** Called by the owner: whether somebody has asked it, so that it stands for its attempt for good. */
    boolean isKnown() {
        return bound;
    }

    AttemptContext bind() {
        bound = true;
        frame.asked();
        return this;
    }

    private AttemptFrame frame() {
        bound = true;
        frame.asked();
        return frame;
    }

    @Override
    public void cancel() {
        frame().cancel(use);
    }

    /**
     * {@inheritDoc} Whether the frame still is this attempt's is asked before too: once it serves another, that one may be
     * part of an execution below this very context, and would ask back for ever.
     */
    @Override
    public boolean isCancelled() {
        if (frame().isUse(use)) {
            boolean unwanted = frame.isUnwanted();
            if (frame.isUse(use)) {
                return unwanted || left;
            }
        }
        return left || run != null && run.isUnwanted();
    }

    @Override
    public Optional<Duration> remaining() {
        Optional<Duration> remaining = frame().remaining();
        if (frame.isUse(use)) {
            return remaining;
        }
        return run == null ? Optional.empty() : run.remaining();
    }

    @Override
    public int attempt() {
        bound = true;
        return attempt;
    }

    @Override
    public void commit() {
        frame().commit(use);
    }

    @Override
    public TimeSource time() {
        return frame().time();
    }

    @Override
    public Engine engine() {
        return frame.engine();
    }

    @Override
    public Object root() {
        return run == null ? frame : run;
    }

    @Override
    public String toString() {
        return "attempt " + attempt();
    }
}
