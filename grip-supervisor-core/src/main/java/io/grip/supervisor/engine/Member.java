package io.grip.supervisor.engine;

/** A context that belongs to an execution of some engine, so that frames can be told apart by their contexts. */
interface Member {

    /** The engine of the execution. */
    Engine engine();

    /** What stands for the execution: equal for all its contexts, by identity. */
    Object root();
}
