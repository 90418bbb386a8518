package io.grip.supervisor.spring.autoconfigure;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.Environment;

/**
 * Says of a value under our prefix that cannot be read what could be: the name of no class, a word that is no limit, a
 * value in place of a group. Everything else is left to Boot's own analysis, which names the value and its origin too.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnreadableValueFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    private static final ConfigurationPropertyName PREFIX =
            ConfigurationPropertyName.of(GripSupervisorProperties.PREFIX);
    private static final Set<Class<?>> LIMITS =
            Set.of(DurationLimit.class, CountLimit.class, AttemptLimit.class, ShareLimit.class, TreePhase.class);

    private final Environment environment;

    UnreadableValueFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        Class<?> target = cause.getTarget().getType().toClass();
        if (!PREFIX.isAncestorOf(cause.getName())) {
            return null;
        }
        if (target == Class.class && cause.getCause() instanceof ConversionFailedException conversion) {
            return analysis(
                    "There is no class '" + conversion.getValue() + "'.",
                    "Write the full name of a class on the class path; a nested one as Outer$Inner.",
                    cause);
        }
        if (LIMITS.contains(target)) {
            return analysis(
                    "The value of '" + key(cause) + "' cannot be read: " + reason(cause) + ".",
                    "Correct the value.",
                    cause);
        }
        return KnownKeys.isGroup(target)
                ? analysis(
                        "'" + key(cause) + "' is a group of keys and has no value of its own.",
                        "Set one of its keys: "
                                + String.join(", ", KnownKeys.keysOf(target).keySet()) + ".",
                        cause)
                : null;
    }

    private FailureAnalysis analysis(String what, String action, BindException cause) {
        String where = PolicySources.find(environment, cause.getName().toString())
                .map(PolicySources::describe)
                .orElseGet(cause.getName()::toString);
        return SupervisionConfigurationFailureAnalyzer.analysis(what, where, action, cause);
    }

    /** The last word of the name, without the index of a list. */
    private static String key(BindException failure) {
        ConfigurationPropertyName name = failure.getName();
        return (name.isLastElementIndexed() ? name.getParent() : name).getLastElement(Form.DASHED);
    }

    /** The limits say themselves what they accept; what never got to them was neither number nor text. */
    private static String reason(BindException failure) {
        return failure.getCause() instanceof ConversionFailedException conversion && conversion.getCause() != null
                ? String.valueOf(conversion.getCause().getMessage())
                : "it is neither a number nor a text";
    }
}
