package io.grip.supervisor.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/**
 * Where the values of one policy were written, for the texts of failures: under one of its own spellings, else under what
 * it inherits from.
 */
final class PolicySources {

    private static final String POLICY = "Policy";

    private final Environment environment;
    private final String kind;
    private final String policy;
    private final List<String> roots;

    private PolicySources(Environment environment, String kind, String policy, List<String> roots) {
        this.environment = environment;
        this.kind = kind;
        this.policy = policy;
        this.roots = roots;
    }

    /**
     * Of something else that has values.
     *
     * @param kind what it is, with a capital letter
     * @param roots where its values may be written, the one that counts most first
     */
    static PolicySources of(Environment environment, String kind, String name, List<String> roots) {
        return new PolicySources(environment, kind, name, roots);
    }

    /** Of what every policy inherits from. */
    static PolicySources ofDefaults(Environment environment) {
        return new PolicySources(
                environment,
                POLICY,
                ConfiguredPolicies.DEFAULTS,
                List.of(GripSupervisorProperties.PREFIX + ".defaults"));
    }

    /** Of a policy with these spellings. */
    PolicySources inheritedBy(String policy, List<String> spellings) {
        Stream<String> own = spellings.stream().map(PolicySources::root);
        return new PolicySources(
                environment, kind, policy, Stream.concat(own, roots.stream()).toList());
    }

    private static String root(String spelling) {
        return entry("policies", spelling);
    }

    /** The key of an entry of a map. */
    static String entry(String map, String spelling) {
        String key = GripSupervisorProperties.PREFIX + "." + map;
        return spelling.matches("[A-Za-z0-9_-]+") ? key + "." + spelling : key + "[" + spelling + "]";
    }

    /** What has the values, for a text. */
    String subject() {
        return kind + " '" + policy + "'";
    }

    /** The policy's name. */
    String policy() {
        return policy;
    }

    /** Of values that come from no property, so that a text names their keys and nothing else. */
    static PolicySources ofNoProperty(Environment environment, String policy) {
        return new PolicySources(environment, POLICY, policy, List.of());
    }

    /** Where a value was written, if it was. */
    Optional<String> originOf(String key) {
        return rootsOf(key).stream()
                .flatMap(root -> Stream.of(root + "." + key, root + "." + key + "[0]"))
                .flatMap(name -> find(environment, name).stream())
                .findFirst()
                .map(property ->
                        String.valueOf(property.getOrigin() != null ? property.getOrigin() : property.getSource()));
    }

    /**
     * What was written for some keys, and where.
     *
     * @param keys below the policy, such as {@code retry.jitter}
     */
    String describe(List<String> keys) {
        return keys.stream().map(this::describe).collect(Collectors.joining("\n"));
    }

    private String describe(String key) {
        if (roots.isEmpty()) {
            return key;
        }
        return rootsOf(key).stream()
                .flatMap(root -> find(environment, root + "." + key).stream())
                .findFirst()
                .map(PolicySources::describe)
                .orElse(roots.get(0) + "." + key + " is not set, so it has its default");
    }

    static String describe(ConfigurationProperty property) {
        String written = property.getName() + ": " + property.getValue();
        return property.getOrigin() == null ? written : written + "\n    from " + property.getOrigin();
    }

    /** A backoff with a type inherits nothing of its group. */
    private List<String> rootsOf(String key) {
        int group = key.indexOf("backoff.");
        if (group < 0) {
            return roots;
        }
        String type = key.substring(0, group) + "backoff.type";
        List<String> asked = new ArrayList<>();
        for (String root : roots) {
            asked.add(root);
            if (find(environment, root + "." + type).isPresent()) {
                return asked;
            }
        }
        return asked;
    }

    static Optional<ConfigurationProperty> find(Environment environment, String key) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
        return StreamSupport.stream(
                        ConfigurationPropertySources.get(environment).spliterator(), false)
                .flatMap(source -> Stream.ofNullable(source.getConfigurationProperty(name)))
                .findFirst();
    }
}
