package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Retry;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;

/** The exceptions that only the properties name, as they are when the application is built. */
final class ThrowableTypeHints implements BeanFactoryInitializationAotProcessor {

    @Override
    public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
            ConfigurableListableBeanFactory beanFactory) {
        Environment environment = beanFactory.getBeanProvider(Environment.class).getIfAvailable();
        if (environment == null) {
            return null;
        }
        GripSupervisorProperties properties = GripSupervisorProperties.readable(environment);
        List<Class<? extends Throwable>> types = Stream.concat(
                        Stream.of(properties.defaults()), properties.policies().values().stream())
                .map(Policy::retry)
                .flatMap(ThrowableTypeHints::types)
                .toList();
        return (generation, code) -> {
            ReflectionHints reflection = generation.getRuntimeHints().reflection();
            types.forEach(reflection::registerType);
        };
    }

    private static Stream<Class<? extends Throwable>> types(Retry retry) {
        return Stream.of(retry.retryOn(), retry.neverOn())
                .flatMap(types -> types == null ? Stream.empty() : types.stream());
    }
}
