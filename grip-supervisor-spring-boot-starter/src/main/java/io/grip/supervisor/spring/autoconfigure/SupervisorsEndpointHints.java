package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.endpoint.PolicyValue;
import io.grip.supervisor.spring.endpoint.RefusedChangeException;
import io.grip.supervisor.spring.endpoint.SupervisorsEndpoint;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** The types that the endpoint answers with, which become JSON by reflection. */
final class SupervisorsEndpointHints implements RuntimeHintsRegistrar {

    private final BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        Stream.concat(
                        SupervisorsEndpoint.answers().stream(),
                        Stream.of(PolicyValue.class, RefusedChangeException.Problem.class))
                .forEach(type -> binding.registerReflectionHints(hints.reflection(), type));
    }
}
