package io.grip.supervisor.tree;

import org.jspecify.annotations.Nullable;

/** A child did not come up when it was first started. Its cause is what the child threw, where it threw. */
public final class TreeStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String path;

    TreeStartException(String path, String what, @Nullable Throwable cause) {
        super("child '" + path + "' did not start: " + what, cause);
        this.path = path;
    }

    /** The path of the child. */
    public String path() {
        return path;
    }
}
