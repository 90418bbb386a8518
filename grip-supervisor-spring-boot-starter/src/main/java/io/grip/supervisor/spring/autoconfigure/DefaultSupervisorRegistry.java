package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorCustomizer;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The supervisors by name. Any thread may ask; one at a time makes what does not exist yet, and calls the customizers,
 * holding the monitor.
 */
final class DefaultSupervisorRegistry implements SupervisorRegistry, AutoCloseable {

    /** Publishes what the properties say, which may be read anew; replaced under the monitor. */
    private volatile ConfiguredPolicies policies;

    private final boolean enabled;
    private final Function<String, Optional<Supervisor>> ownOfApplication;
    private final Supplier<List<SupervisorCustomizer>> customizers;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /**
     * A registry without supervisors.
     *
     * @param enabled false to make each supervisor one that makes a single attempt without limits, whatever its policy
     * @param ownOfApplication the application's own supervisor for a policy
     * @param customizers asked for each time a supervisor is made
     */
    DefaultSupervisorRegistry(
            ConfiguredPolicies policies,
            boolean enabled,
            Function<String, Optional<Supervisor>> ownOfApplication,
            Supplier<List<SupervisorCustomizer>> customizers) {
        this.policies = policies;
        this.enabled = enabled;
        this.ownOfApplication = ownOfApplication;
        this.customizers = customizers;
    }

    @Override
    public Supervisor get(String name) {
        String shown = shown(name);
        Entry made = entries.get(shown);
        if (made != null) {
            return made.supervisor();
        }
        if (!policies.names().contains(shown) && ownOfApplication.apply(shown).isEmpty()) {
            throw ConfiguredPolicies.unknown("supervisor", name, names());
        }
        return obtain(shown, shown);
    }

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>(policies.names());
        names.addAll(entries.keySet());
        return Collections.unmodifiableSet(names);
    }

    @Override
    public Supervisor obtain(String name, String policy) {
        String shown = shown(name);
        Entry known = entries.get(shown);
        return (known != null ? known : entry(shown, policy))
                .requirePolicy(shown, policy)
                .supervisor();
    }

    private synchronized Entry entry(String name, String policy) {
        Entry known = entries.get(name);
        if (known != null) {
            return known;
        }
        Entry made = PolicyNames.same(name, policy)
                ? ownOfApplication
                        .apply(policy)
                        .map(own -> new Entry(
                                own, policy, own.policy(), policies.find(policy).orElse(null), false))
                        .orElseGet(() -> make(name, policy))
                : make(name, policy);
        entries.put(name, made);
        return made;
    }

    private Entry make(String name, String policy) {
        ConfiguredPolicy configured = policies.get(policy);
        Supervisor made = builder(name, configured).build();
        return new Entry(made, configured.name(), made.policy(), configured, true);
    }

    private Supervisor.Builder builder(String name, ConfiguredPolicy configured) {
        Supervisor.Builder builder = Supervisor.builder(name);
        if (enabled) {
            builder.policy(configured.policy()).runner(configured.runner());
            customizers.get().forEach(customizer -> customizer.customize(name, builder));
        } else {
            builder.policy(SupervisorPolicy.none());
        }
        return builder;
    }

    /** How a supervisor was made; empty if it was not made here. */
    Optional<Made> madeOf(Supervisor supervisor) {
        Entry entry = entries.get(supervisor.name());
        if (entry == null || entry.supervisor() != supervisor || entry.configured() == null || !entry.ours()) {
            return Optional.empty();
        }
        return Optional.of(
                new Made(entry.policy(), entry.configured(), policies.sourcesOf(entry.configured()), entry.built()));
    }

    /**
     * How a supervisor was made.
     *
     * @param policy the name of its policy
     * @param configured what the properties say
     * @param sources where they say it
     * @param built the policy it had then, customized
     */
    record Made(String policy, ConfiguredPolicy configured, PolicySources sources, SupervisorPolicy built) {}

    /**
     * Goes by other properties from here on. Supervisors whose policy they change get it, all of them or, where one of
     * the new policies cannot be made, none; the others keep what they have. A policy that is not there any more stays
     * with those that have it, and the thread of attempts stays what it was.
     *
     * @return those that were changed
     */
    synchronized List<Supervisor> reconfigure(ConfiguredPolicies next) {
        Map<String, Entry> changed = new TreeMap<>();
        entries.forEach((name, entry) -> {
            ConfiguredPolicy before = entry.configured();
            ConfiguredPolicy after = next.find(entry.policy()).orElse(null);
            if (entry.ours()
                    && before != null
                    && after != null
                    && !before.policy().equals(after.policy())) {
                SupervisorPolicy built = builder(name, after).policy();
                changed.put(name, new Entry(entry.supervisor(), entry.policy(), built, after, true));
            }
        });
        policies = next;
        entries.putAll(changed);
        changed.values().forEach(entry -> entry.supervisor().update(entry.built()));
        return changed.values().stream().map(Entry::supervisor).toList();
    }

    /** A name that is a policy's in another spelling is the policy's. */
    private String shown(String name) {
        return policies.find(name)
                .map(ConfiguredPolicy::name)
                .filter(policy -> !policy.equals(ConfiguredPolicies.DEFAULTS))
                .orElse(name);
    }

    /** Closes the supervisors made here, those that are beans too, all at once: many that hang take no longer than one. */
    @Override
    public void close() {
        Supervisor.closeAll(entries.values().stream()
                .filter(Entry::ours)
                .map(Entry::supervisor)
                .toList());
    }

    /**
     * A supervisor there is.
     *
     * @param built the policy it had when it was made, or was last given by the properties
     * @param configured what the properties say; null for a policy that only the application knows
     */
    private record Entry(
            Supervisor supervisor,
            String policy,
            SupervisorPolicy built,
            @Nullable ConfiguredPolicy configured,
            boolean ours) {

        Entry requirePolicy(String name, String asked) {
            if (!PolicyNames.same(policy, asked)) {
                throw new SupervisionConfigurationException(
                        "Supervisor '" + name + "' is asked for with policy '" + asked + "', but has policy '" + policy
                                + "' already; those who share a name share permits and numbers, and so one policy.",
                        "Supervisor: " + name,
                        "Use the same policy in both places, or give one of them another name.");
            }
            return this;
        }
    }
}
