package io.grip.supervisor.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Set;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * Refuses keys of trees that do not exist. Boot does so too, but not below the second element of a list and what comes after
 * it: there it takes a key that it knows the beginning of for one that another source has overridden.
 */
final class TreeKeys {

    private static final ConfigurationPropertyName TREES =
            ConfigurationPropertyName.of(GripSupervisorProperties.PREFIX + ".trees");

    private TreeKeys() {}

    /**
     * Looks at all sources but environment variables and system properties, as Boot does.
     *
     * @throws UnboundConfigurationPropertiesException if there are such keys
     */
    static void requireKnown(Environment environment) {
        Set<ConfigurationProperty> unknown = new LinkedHashSet<>();
        UnboundElementsSourceFilter looksAt = new UnboundElementsSourceFilter();
        ConfigurationPropertySources.get(environment).forEach(source -> {
            if (source instanceof IterableConfigurationPropertySource listed && looksAt.apply(source)) {
                listed.stream()
                        .filter(name -> TREES.isAncestorOf(name) && !KnownKeys.existsInTree(name))
                        .map(listed::getConfigurationProperty)
                        .forEach(unknown::add);
            }
        });
        if (!unknown.isEmpty()) {
            throw new UnboundConfigurationPropertiesException(unknown);
        }
    }
}
