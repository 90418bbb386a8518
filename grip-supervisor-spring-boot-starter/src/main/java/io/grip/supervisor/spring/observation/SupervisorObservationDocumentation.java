package io.grip.supervisor.spring.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/** The observations that supervisors make, with their keys and events, in the form that Micrometer's tools read. */
public enum SupervisorObservationDocumentation implements ObservationDocumentation {
    /** A whole execution, from the call to the end, waits included; refused ones too. */
    EXECUTION {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultSupervisorObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return ExecutionKeys.values();
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return ExecutionDetails.values();
        }

        @Override
        public Observation.Event[] getEvents() {
            return ExecutionEvents.values();
        }
    },

    /** One attempt of an execution, whose observation is its parent; the current one while its task is called. */
    ATTEMPT {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultAttemptObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return AttemptKeys.values();
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return AttemptDetails.values();
        }
    };

    /** The keys of an execution that have few values: those of the meter {@code grip.supervisor.executions}. */
    public enum ExecutionKeys implements KeyName {
        /** The supervisor's name. */
        SUPERVISOR("supervisor"),
        /** How it ended: success, failure, cancelled, shutdown or rejected; unknown until then. */
        OUTCOME("outcome"),
        /** The kind of its failure in lower case; none on success, and until it has ended. */
        FAILURE("failure"),
        /** The simple name of its exception, at most 20 per supervisor; none on success, and until it has ended. */
        EXCEPTION("exception");

        private final String key;

        ExecutionKeys(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }

    /** The keys of an execution that have any number of values. */
    public enum ExecutionDetails implements KeyName {
        /** The id, unique within this JVM. */
        EXECUTION_ID("execution.id"),
        /** How many attempts were made; there once it has ended. */
        ATTEMPTS("attempts"),
        /** How many restarts were made; there once it has ended. */
        RESTARTS("restarts");

        private final String key;

        ExecutionDetails(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }

    /** What happens to an execution on the way. */
    public enum ExecutionEvents implements Observation.Event {
        /** A retry was decided. */
        RETRY("retry", "attempt %s follows in %s after %s"),
        /** A restart was decided. */
        RESTART("restart", "restart %s after %s"),
        /** The final failure went up. */
        ESCALATION("escalation", "escalated");

        private final String key;
        private final String contextualName;

        ExecutionEvents(String key, String contextualName) {
            this.key = key;
            this.contextualName = contextualName;
        }

        @Override
        public String getName() {
            return key;
        }

        @Override
        public String getContextualName() {
            return contextualName;
        }
    }

    /** The keys of an attempt that have few values: those of the meter {@code grip.supervisor.attempts}. */
    public enum AttemptKeys implements KeyName {
        /** The supervisor's name. */
        SUPERVISOR("supervisor"),
        /** How it ended: success, failure, timeout or cancelled; unknown until then. */
        OUTCOME("outcome");

        private final String key;

        AttemptKeys(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }

    /** The keys of an attempt that have any number of values. */
    public enum AttemptDetails implements KeyName {
        /** The id of its execution, unique within this JVM. */
        EXECUTION_ID("execution.id"),
        /** Its number within the incarnation, from 1. */
        ATTEMPT("attempt");

        private final String key;

        AttemptDetails(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }
}
