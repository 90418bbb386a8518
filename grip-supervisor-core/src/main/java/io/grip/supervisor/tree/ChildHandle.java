package io.grip.supervisor.tree;

/**
 * One child made from a template. Stays good after the child has ended, when stopping it is no error. Immutable.
 *
 * <p>Handles are compared by identity: one of another tree is never mistaken for one's own.
 */
public final class ChildHandle {

    private final Node node;

    ChildHandle(Node node) {
        this.node = node;
    }

    Node node() {
        return node;
    }

    /** The path of the child, for display; children of a template are not addressed by it. */
    public String path() {
        return node.path;
    }

    @Override
    public String toString() {
        return "ChildHandle[" + path() + "]";
    }
}
