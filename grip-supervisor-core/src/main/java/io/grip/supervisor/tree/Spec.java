package io.grip.supervisor.tree;

/** A child as its supervisor is told of it: a worker, or a supervisor with children of its own. Immutable. */
public sealed interface Spec permits ChildSpec, SupervisorSpec {

    /** The name, unique among its siblings and part of its path. */
    String name();

    /** When it is restarted. */
    RestartRules restart();
}
