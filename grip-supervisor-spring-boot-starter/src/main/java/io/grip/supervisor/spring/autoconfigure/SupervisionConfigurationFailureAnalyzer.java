package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows the three parts that every configuration problem of ours says about itself. */
final class SupervisionConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<SupervisionConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SupervisionConfigurationException cause) {
        return analysis(cause.what(), cause.where(), cause.action(), cause);
    }

    /** The layout of all our analyses: a sentence, the places below it, and what to do. */
    static FailureAnalysis analysis(String what, String where, String action, Throwable cause) {
        return new FailureAnalysis("%s%n%n%s".formatted(what, where.indent(4).stripTrailing()), action, cause);
    }
}
