package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.tree.TreeStartException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which worker kept the application from starting, and how it could start without it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class TreeStartFailureAnalyzer extends AbstractFailureAnalyzer<TreeStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TreeStartException cause) {
        String why = cause.getCause() == null ? "" : "\nCaused by: " + cause.getCause();
        return SupervisionConfigurationFailureAnalyzer.analysis(
                "A worker did not start, so the application does not either.",
                cause.getMessage() + why,
                "Correct what it failed of. If the application should start without it and try again, say so:"
                        + " @SupervisedWorker(optional = true), or start.first: retry where it stands in its tree.",
                cause);
    }
}
