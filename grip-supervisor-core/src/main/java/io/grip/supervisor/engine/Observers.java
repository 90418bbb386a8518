package io.grip.supervisor.engine;

import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.hook.Telemetry;
import java.util.function.Consumer;

/**
 * Calls hooks and telemetry so that nothing they throw, errors included, changes an execution: it is logged, counted
 * and forgotten. Safe for use by any thread.
 */
final class Observers {

    private static final System.Logger LOG = System.getLogger("io.grip.supervisor");

    private final String name;
    private final Hooks[] hooks;
    private final Telemetry telemetry;
    private final boolean none;

    /** Publishes that the telemetry was told of the end, and wants to hear no more. */
    private volatile boolean closed;

    Observers(String name, Hooks hooks, Telemetry telemetry) {
        this.name = name;
        this.hooks = hooks.parts().toArray(new Hooks[0]);
        this.telemetry = telemetry;
        this.none = this.hooks.length == 0 && telemetry == Telemetry.none();
    }

    /** Whether there is nobody who could ever hear or see anything. */
    boolean areNone() {
        return none;
    }

    boolean hasHooks() {
        return hooks.length > 0;
    }

    /** How much the hooks want to hear at this moment; everything if one of them cannot say. */
    Hooks.Interest interest() {
        Hooks.Interest most = Hooks.Interest.NOTHING;
        for (Hooks part : hooks) {
            Hooks.Interest interest = interestOf(part);
            if (interest.compareTo(most) > 0) {
                most = interest;
            }
        }
        return most;
    }

    private Hooks.Interest interestOf(Hooks part) {
        try {
            return part.interest();
        } catch (Throwable thrown) {
            failed("a hook", thrown);
            return Hooks.Interest.EVERYTHING;
        }
    }

    /** Whether anybody sees how long things take. */
    boolean areTimed() {
        return hasTelemetry() || interest() != Hooks.Interest.NOTHING;
    }

    boolean hasTelemetry() {
        return telemetry != Telemetry.none();
    }

    void tell(Consumer<? super Hooks> call) {
        for (Hooks part : hooks) {
            try {
                call.accept(part);
            } catch (Throwable thrown) {
                report("a hook", thrown);
                count(Telemetry::hookError);
            }
        }
    }

    void count(Consumer<? super Telemetry> call) {
        if (hasTelemetry() && !closed) {
            try {
                call.accept(telemetry);
            } catch (Throwable thrown) {
                report("the telemetry", thrown);
            }
        }
    }

    /** The telemetry of a call that went well, without anything made to say so. */
    void succeededAtOnce(long nanos) {
        if (closed) {
            return;
        }
        try {
            telemetry.attempt(Telemetry.AttemptOutcome.SUCCESS, nanos);
            telemetry.execution(FailureKind.NONE, null, nanos);
        } catch (Throwable thrown) {
            report("the telemetry", thrown);
        }
    }

    void closed() {
        count(Telemetry::closed);
        closed = true;
    }

    /** Something that users contribute to decisions has thrown. */
    void failed(String what, Throwable thrown) {
        report(what, thrown);
        count(Telemetry::hookError);
    }

    private void report(String what, Throwable thrown) {
        try {
            LOG.log(System.Logger.Level.WARNING, what + " of supervisor '" + name + "' failed; it is ignored", thrown);
        } catch (Throwable loggingFailed) {
            // There is nobody left to tell, and an execution must not fail because of that.
        }
    }
}
