package io.grip.supervisor.spring.console;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.core.io.ClassPathResource;

/** The files of the page, for a native image. */
public final class ConsoleHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader loader) {
        register(hints, ConsoleFiles.PAGE);
        ConsoleFiles.NAMES.forEach(name -> register(hints, name));
    }

    private static void register(RuntimeHints hints, String name) {
        hints.resources().registerResource(new ClassPathResource(name, ConsoleFiles.class));
    }
}
