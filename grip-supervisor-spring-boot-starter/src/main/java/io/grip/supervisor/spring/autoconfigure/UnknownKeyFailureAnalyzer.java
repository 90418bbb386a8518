package io.grip.supervisor.spring.autoconfigure;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says of each key under our prefix that does not exist where it is written and what it was probably meant to be. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownKeyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    private static final ConfigurationPropertyName PREFIX =
            ConfigurationPropertyName.of(GripSupervisorProperties.PREFIX);

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<ConfigurationProperty> unknown = cause.getUnboundProperties().stream()
                .filter(property -> PREFIX.isAncestorOf(property.getName()))
                .sorted(Comparator.comparing(ConfigurationProperty::getName))
                .toList();
        if (unknown.isEmpty()) {
            return null;
        }
        String keys = unknown.stream()
                .map(property -> PolicySources.describe(property) + "\n    " + KnownKeys.hint(property.getName()))
                .collect(Collectors.joining("\n"));
        return SupervisionConfigurationFailureAnalyzer.analysis(
                "Unknown keys under '" + PREFIX + "':",
                keys,
                "Correct the spelling, or remove what is not needed.",
                cause);
    }
}
