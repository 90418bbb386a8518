package io.grip.supervisor.spring;

import java.util.stream.Collectors;

/**
 * Supervision is configured in a way that cannot work. Stops the start of the application; Spring Boot shows its three
 * parts as a failure analysis. Immutable.
 */
public final class SupervisionConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String what;
    private final String where;
    private final String action;

    /**
     * A problem in three parts, each one or more whole sentences or lines.
     *
     * @param what what is wrong, naming the values
     * @param where the method, bean or property, and where that is set if known
     * @param action what to do about it
     */
    public SupervisionConfigurationException(String what, String where, String action) {
        super(what + " (" + where.lines().map(String::strip).collect(Collectors.joining(", ")) + ") " + action);
        this.what = what;
        this.where = where;
        this.action = action;
    }

    /**
     * The same problem as seen from one more place, for a caller that knows whom it concerns.
     *
     * @param place the method or bean, put before what is known already
     */
    public SupervisionConfigurationException at(String place) {
        SupervisionConfigurationException located =
                new SupervisionConfigurationException(what, (place + "\n" + where).stripTrailing(), action);
        located.setStackTrace(getStackTrace());
        return located;
    }

    /** What is wrong. */
    public String what() {
        return what;
    }

    /** The method, bean or property. */
    public String where() {
        return where;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
