package io.grip.supervisor.spring;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What becomes of a problem that is found at start and that supervision could live with; the property
 * {@code grip.supervisor.checks}. Problems that leave no meaning at all (an unknown policy, a value out of range) fail
 * the start whatever this says.
 */
public enum StartupChecks {
    /** The application does not start. */
    FAIL {
        @Override
        public void report(SupervisionConfigurationException problem) {
            throw problem;
        }
    },
    /** The problem is logged as a warning. */
    WARN {
        @Override
        public void report(SupervisionConfigurationException problem) {
            LOG.warn(problem.getMessage());
        }
    },
    /** Nobody hears of it. */
    OFF {
        @Override
        public void report(SupervisionConfigurationException problem) {}
    };

    private static final Log LOG = LogFactory.getLog(StartupChecks.class);

    /**
     * Does with a problem what this severity says.
     *
     * @throws SupervisionConfigurationException the problem itself, under {@link #FAIL}
     */
    public abstract void report(SupervisionConfigurationException problem);
}
