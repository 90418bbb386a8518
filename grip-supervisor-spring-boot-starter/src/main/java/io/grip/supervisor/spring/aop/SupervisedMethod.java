package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.lang.reflect.Method;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.StringUtils;

/**
 * What the annotation of one method means, read once. Immutable.
 *
 * @param method the method as it is called: of the class, or of an interface
 * @param targetClass the class of the bean, without its proxy
 * @param name the name of the supervisor
 * @param policy the name of its policy
 * @param returns how the method hands over its outcome
 * @param fallback what answers where there is no value
 */
record SupervisedMethod(
        Method method,
        Class<?> targetClass,
        String name,
        String policy,
        ReturnKind returns,
        @Nullable Fallback fallback) {

    /** The policy of those that name none: what every policy starts from. */
    private static final String DEFAULTS = "defaults";

    /**
     * Reads an annotation.
     *
     * @param placeholders resolves <code>${...}</code>
     * @param problems hears what supervision can live with: the method is then supervised without its fallback, or until
     *     it returns
     * @throws SupervisionConfigurationException if a placeholder cannot be resolved
     */
    static SupervisedMethod read(
            Supervised annotation,
            Method method,
            Class<?> targetClass,
            UnaryOperator<String> placeholders,
            Consumer<SupervisionConfigurationException> problems) {
        Method implementation = AopUtils.getMostSpecificMethod(method, targetClass);
        String policy = resolved(annotation.policy(), method, targetClass, placeholders);
        String name = resolved(annotation.name(), method, targetClass, placeholders);
        if (name.isEmpty()) {
            name = policy.isEmpty() ? Where.shortName(implementation, targetClass) : policy;
        }
        ReturnKind returns = ReturnKind.of(implementation, targetClass);
        if (returns == ReturnKind.UNSUPERVISABLE) {
            problems.accept(unsupervisable(implementation, targetClass));
        }
        return new SupervisedMethod(
                method,
                targetClass,
                name,
                policy.isEmpty() ? DEFAULTS : policy,
                returns,
                fallback(annotation.fallback(), implementation, targetClass, problems));
    }

    /** Whether nobody has chosen the name. */
    boolean isNamedByMethod() {
        return policy.equals(DEFAULTS) && name.equals(Where.shortName(method, targetClass));
    }

    /** The supervisor of this method. */
    Supervisor supervisor(SupervisorRegistry registry) {
        return registry.obtain(name, policy);
    }

    /**
     * How calls of this method are made.
     *
     * @param onAsyncThread whether each call has a thread of its own, which waits for what the method returns
     */
    SupervisedCall call(Supervisor supervisor, boolean onAsyncThread) {
        return switch (returns) {
            case VALUE, UNSUPERVISABLE -> new ValueCall(supervisor, method, fallback);
            case STAGE ->
                onAsyncThread ? new AwaitedStageCall(supervisor, fallback) : new StageCall(supervisor, fallback);
            case MONO -> new MonoCall(supervisor, fallback);
            case FLUX -> new FluxCall(supervisor, fallback);
        };
    }

    private static String resolved(
            String written, Method method, Class<?> targetClass, UnaryOperator<String> placeholders) {
        String resolved;
        try {
            resolved = placeholders.apply(written).strip();
        } catch (IllegalArgumentException unresolvable) {
            throw unresolvable(written, method, targetClass);
        }
        // A context without a strict resolver leaves in place what it does not know.
        if (resolved.contains("${")) {
            throw unresolvable(written, method, targetClass);
        }
        return resolved;
    }

    private static SupervisionConfigurationException unresolvable(String written, Method method, Class<?> targetClass) {
        return new SupervisionConfigurationException(
                "@Supervised says '" + written + "', which cannot be resolved.",
                "Method: " + Where.of(method, targetClass),
                "Set the property, or give it a default: ${property:default}.");
    }

    private static @Nullable Fallback fallback(
            String name,
            Method implementation,
            Class<?> targetClass,
            Consumer<SupervisionConfigurationException> problems) {
        if (!StringUtils.hasText(name)) {
            return null;
        }
        try {
            return Fallback.find(name, implementation, targetClass);
        } catch (SupervisionConfigurationException noneMatches) {
            problems.accept(noneMatches);
            return null;
        }
    }

    private static SupervisionConfigurationException unsupervisable(Method method, Class<?> targetClass) {
        String what = ReturnKind.isSuspending(method)
                ? "@Supervised on a suspending function: it returns before its work is done."
                : "@Supervised on a method that returns "
                        + ReturnKind.type(method, targetClass).getSimpleName()
                        + ": its work goes on, or only begins, after it has returned, where supervision cannot follow.";
        return new SupervisionConfigurationException(
                what,
                "Method: " + Where.of(method, targetClass),
                "Return a plain value, CompletionStage, CompletableFuture, Mono or Flux, these very types;"
                        + " or put the annotation on the method that does the work.");
    }
}
