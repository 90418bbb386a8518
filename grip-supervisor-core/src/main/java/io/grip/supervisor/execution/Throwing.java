package io.grip.supervisor.execution;

/** Throws what it is given, whatever its type: a task can throw any throwable, declared or not, and so can we. */
final class Throwing {

    private Throwing() {}

    @SuppressWarnings("unchecked") // the type parameter is what lets a checked throwable pass the compiler
    static <E extends Throwable> E asUnchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
