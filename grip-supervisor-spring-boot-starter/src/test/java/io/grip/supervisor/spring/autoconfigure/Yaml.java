package io.grip.supervisor.spring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Environments made of YAML text and environment variables, as Boot makes them of files. */
final class Yaml {

    private Yaml() {}

    static StandardEnvironment environment(String yaml, Map<String, Object> variables) {
        StandardEnvironment environment = new StandardEnvironment();
        addTo(environment, yaml);
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        return environment;
    }

    /** For a test's application context: what is in the YAML, below everything else. */
    static void addTo(ConfigurableApplicationContext context, String yaml) {
        addTo(context.getEnvironment(), yaml);
    }

    private static void addTo(ConfigurableEnvironment environment, String yaml) {
        try {
            new YamlPropertySourceLoader()
                    .load(
                            "application.yml",
                            new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8), "application.yml"))
                    .forEach(environment.getPropertySources()::addLast);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
