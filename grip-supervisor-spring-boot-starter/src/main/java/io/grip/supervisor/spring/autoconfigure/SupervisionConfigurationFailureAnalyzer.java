package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows the three parts that every configuration problem of ours says about itself. */
final class SupervisionConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<SupervisionConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SupervisionConfigurationException cause) {
        return new FailureAnalysis(
                "%s%n%n%s".formatted(cause.what(), cause.where().indent(4)), cause.action(), cause);
    }
}
