package io.grip.supervisor.tree;

import org.jspecify.annotations.Nullable;

/**
 * Why a root needs help from outside.
 *
 * @param tree the name of the tree
 * @param reason what happened
 * @param path of the child it came from
 * @param cause the failure behind it, with the whole chain of escalations; null if there is none
 */
public record RootFailure(
        String tree, Reason reason, String path, @Nullable Throwable cause) {

    /** What happened. */
    public enum Reason {
        /** The root escalated: the tree has ended. */
        ESCALATED,
        /** A throwable was fatal: the tree is ending. */
        FATAL,
        /** More incarnations are abandoned than the limit allows: the tree runs on. */
        TOO_MANY_ABANDONED
    }
}
