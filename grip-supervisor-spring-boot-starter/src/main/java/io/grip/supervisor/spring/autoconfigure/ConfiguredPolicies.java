package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.execution.ExecutorRunner;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.AttemptThread;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.core.env.Environment;

/** All policies of the properties, checked, with what they inherit filled in. Immutable. */
final class ConfiguredPolicies {

    /** The name of what every policy inherits from, as that of a policy. */
    static final String DEFAULTS = "defaults";

    private final Map<String, ConfiguredPolicy> byCanonicalName = new LinkedHashMap<>();
    private final Environment environment;
    private final Map<String, PolicySources> sources = new LinkedHashMap<>();
    private final Set<String> names = new TreeSet<>();

    /**
     * Makes the policies.
     *
     * @param environment where the properties come from, asked where a bad value was written
     * @throws SupervisionConfigurationException if a value is out of range, or contradicts another and the checks say
     *     that this is a failure
     */
    ConfiguredPolicies(GripSupervisorProperties properties, Environment environment) {
        this.environment = environment;
        PolicySources sources = PolicySources.ofDefaults(environment);
        add(properties, properties.defaults(), sources);
        PolicyNames.grouped(properties.policies().keySet()).forEach((name, spellings) -> {
            requireOwnName(name);
            Policy written = spellings.stream()
                    .map(spelling -> properties.policies().get(spelling))
                    .reduce(Policy::filledFrom)
                    .orElseThrow();
            add(properties, written.inheriting(properties.defaults()), sources.inheritedBy(name, spellings));
            names.add(name);
        });
    }

    private static void requireOwnName(String name) {
        if (PolicyNames.canonical(name).isEmpty() || PolicyNames.same(name, DEFAULTS)) {
            throw new SupervisionConfigurationException(
                    "A policy cannot be called '" + name + "': a name needs a letter or digit, and '" + DEFAULTS
                            + "' is what every policy starts from.",
                    GripSupervisorProperties.PREFIX + ".policies",
                    "Choose another name, or write the values under " + GripSupervisorProperties.PREFIX + ".defaults.");
        }
    }

    private void add(GripSupervisorProperties properties, Policy values, PolicySources sources) {
        ConfiguredPolicy policy = new ConfiguredPolicy(
                sources.policy(),
                new PolicyFactory(sources, properties.checks()).create(values),
                values.thread() == AttemptThread.OWN ? ExecutorRunner.ownThread() : ExecutorRunner.callerThread());
        String canonical = PolicyNames.canonical(policy.name());
        byCanonicalName.put(canonical, policy);
        this.sources.put(canonical, sources);
    }

    /** The names as they were written, in alphabetical order, without {@link #DEFAULTS}. */
    Set<String> names() {
        return names;
    }

    /** The policy of this name in any spelling, {@link #DEFAULTS} included. */
    Optional<ConfiguredPolicy> find(String name) {
        return Optional.ofNullable(byCanonicalName.get(PolicyNames.canonical(name)));
    }

    /**
     * The policy of this name in any spelling, {@link #DEFAULTS} included.
     *
     * @throws SupervisionConfigurationException if there is none
     */
    ConfiguredPolicy get(String name) {
        return find(name).orElseThrow(() -> unknown("policy", name, names));
    }

    /** Where the values of a policy were written; nowhere, for one that is there no more. */
    PolicySources sourcesOf(ConfiguredPolicy policy) {
        PolicySources known = sources.get(PolicyNames.canonical(policy.name()));
        return known != null ? known : PolicySources.ofNoProperty(environment, policy.name());
    }

    static SupervisionConfigurationException unknown(String kind, String name, Set<String> known) {
        String nearest = Nearest.to(name, known)
                .map(candidate -> "the nearest known one is '" + candidate + "'")
                .orElse("none is configured");
        return new SupervisionConfigurationException(
                "There is no " + kind + " '" + name + "'; " + nearest + ".",
                "Known names: " + (known.isEmpty() ? "none" : String.join(", ", known)),
                "Correct the name, or configure " + GripSupervisorProperties.PREFIX + ".policies." + name + ".");
    }
}
