package io.grip.supervisor.spring.autoconfigure;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** The factory methods by which the binder, looking for one by name, makes limits of property values. */
final class LimitHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        for (Class<?> limit : new Class<?>[] {
            DurationLimit.class,
            CountLimit.class,
            AttemptLimit.class,
            ShareLimit.class,
            TreePhase.class,
            TreeProperties.Child.class
        }) {
            Stream.of(limit.getMethods())
                    .filter(method -> method.getName().equals("of"))
                    .forEach(factory -> hints.reflection().registerMethod(factory, ExecutableMode.INVOKE));
        }
    }
}
