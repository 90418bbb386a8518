package io.grip.supervisor.architecture.planted.hiddentypesstayhidden.engine;

public class Hidden extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Hidden hidden() {
        return this;
    }
}
