package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.autoconfigure.DefaultSupervisorRegistry.Made;
import io.grip.supervisor.spring.autoconfigure.GripSupervisorProperties.Policy;
import io.grip.supervisor.spring.endpoint.PolicyDesk;
import io.grip.supervisor.spring.endpoint.PolicyValue;
import io.grip.supervisor.spring.endpoint.RefusedChangeException;
import io.grip.supervisor.spring.endpoint.RefusedChangeException.Problem;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.Environment;

/**
 * Policies in force, in the words of the configuration: where each value comes from, and how to change it. Safe for use by
 * any thread; one change at a time, each on top of the one before.
 */
final class LivePolicies implements PolicyDesk {

    private static final String ROOT = GripSupervisorProperties.PREFIX + ".defaults";
    private static final int LONGEST_VALUE = 200;

    private final Supplier<@Nullable DefaultSupervisorRegistry> registry;
    private final GripSupervisorProperties properties;
    private final Environment environment;
    private final InstantSource clock;

    /** Guarded by the monitor: which leaves were changed here, by whom and when. Forgotten with their supervisor. */
    private final Map<Supervisor, Map<String, PolicyValue>> changed = new WeakHashMap<>();

    LivePolicies(
            Supplier<@Nullable DefaultSupervisorRegistry> registry,
            GripSupervisorProperties properties,
            Environment environment,
            InstantSource clock) {
        this.registry = registry;
        this.properties = properties;
        this.environment = environment;
        this.clock = clock;
    }

    @Override
    public Optional<String> policyNameOf(Supervisor supervisor) {
        return made(supervisor).map(Made::policy);
    }

    private Optional<Made> made(Supervisor supervisor) {
        return Optional.ofNullable(registry.get()).flatMap(known -> known.madeOf(supervisor));
    }

    @Override
    public boolean isSameName(String one, String other) {
        String canonical = PolicyNames.canonical(one);
        return !canonical.isEmpty() && canonical.equals(PolicyNames.canonical(other));
    }

    @Override
    public synchronized Map<String, PolicyValue> valuesOf(Supervisor supervisor) {
        Made made = made(supervisor).orElse(null);
        Map<String, String> built = made == null ? Map.of() : PolicyWords.of(made.built(), supervisor.runner());
        Map<String, String> configured = made == null
                ? Map.of()
                : PolicyWords.of(made.configured().policy(), made.configured().runner());
        Map<String, PolicyValue> live = changed.getOrDefault(supervisor, Map.of());
        Map<String, PolicyValue> values = new LinkedHashMap<>();
        PolicyWords.of(supervisor.policy(), supervisor.runner()).forEach((key, value) -> {
            PolicyValue change = live.get(key);
            if (change != null && change.value().equals(value)) {
                values.put(key, change);
            } else if (made == null || !value.equals(built.get(key))) {
                values.put(key, new PolicyValue(value, "code", null, null));
            } else if (!value.equals(configured.get(key))) {
                values.put(key, new PolicyValue(value, "customizer", null, null));
            } else {
                String origin = made.sources().originOf(key).orElse("default");
                values.put(key, new PolicyValue(value, origin, null, null));
            }
        });
        return values;
    }

    @Override
    public synchronized Map<String, PolicyChange> change(
            Supervisor supervisor, Map<String, String> values, @Nullable String by) {
        SupervisorPolicy before = supervisor.policy();
        Policy asked = read(values);
        if (asked.thread() != null) {
            throw refused("thread", values.get("thread"), "The thread of attempts cannot be changed while they run.");
        }
        SupervisorPolicy after = make(supervisor, before, asked, values);
        Map<String, PolicyChange> changes = changes(supervisor, before, after);
        supervisor.update(after);
        String at = clock.instant().toString();
        Map<String, PolicyValue> live = changed.computeIfAbsent(supervisor, unchanged -> new HashMap<>());
        changes.forEach((key, change) -> live.put(key, new PolicyValue(change.to(), "live change", at, by)));
        return changes;
    }

    /** What was changed live before is over: the configuration has the last word again. */
    synchronized void forget(Supervisor supervisor) {
        changed.remove(supervisor);
    }

    private static Map<String, PolicyChange> changes(
            Supervisor supervisor, SupervisorPolicy before, SupervisorPolicy after) {
        Map<String, String> from = PolicyWords.of(before, supervisor.runner());
        Map<String, PolicyChange> changes = new LinkedHashMap<>();
        PolicyWords.of(after, supervisor.runner()).forEach((key, value) -> {
            String was = from.getOrDefault(key, "");
            if (!value.equals(was)) {
                changes.put(key, new PolicyChange(was, value));
            }
        });
        return Collections.unmodifiableMap(changes);
    }

    private SupervisorPolicy make(
            Supervisor supervisor, SupervisorPolicy before, Policy asked, Map<String, String> values) {
        try {
            PolicySources sources = PolicySources.ofNoProperty(environment, supervisor.name());
            return new PolicyFactory(sources, properties.checks(), before).create(asked);
        } catch (SupervisionConfigurationException wrong) {
            String field = wrong.where().lines().findFirst().orElse("");
            throw refused(field, values.get(field), wrong.what() + " " + wrong.action());
        }
    }

    /** By the rules of the configuration, as if the values stood in a file. */
    private Policy read(Map<String, String> values) {
        Map<String, String> rooted = new LinkedHashMap<>();
        values.forEach((key, value) -> rooted.put(ROOT + "." + requireKey(key, value), value));
        Binder binder = new Binder(
                List.of(new MapConfigurationPropertySource(rooted)),
                null,
                ApplicationConversionService.getSharedInstance());
        try {
            return binder.bindOrCreate(
                    ROOT, Bindable.of(Policy.class), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
        } catch (BindException unreadable) {
            throw refusal(unreadable, values);
        }
    }

    private static String requireKey(String key, String value) {
        if (!ConfigurationPropertyName.isValid(key)) {
            throw refused(key, value, "There is no such key: " + knownKeys());
        }
        return key;
    }

    private static RefusedChangeException refusal(BindException unreadable, Map<String, String> values) {
        if (unreadable.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
            return new RefusedChangeException(unknown.getUnboundProperties().stream()
                    .map(LivePolicies::unknown)
                    .toList());
        }
        String field = below(unreadable.getName().toString());
        Throwable cause = unreadable;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return refused(field, values.get(field), "It cannot be read: " + cause.getMessage());
    }

    private static Problem unknown(ConfigurationProperty property) {
        String hint = KnownKeys.hint(property.getName()).replace(ROOT + ".", "");
        return new Problem(
                below(property.getName().toString()),
                shortened(String.valueOf(property.getValue())),
                "There is no such key: " + hint);
    }

    private static String knownKeys() {
        return "known are " + String.join(", ", KnownKeys.leavesOf(Policy.class));
    }

    private static String below(String name) {
        return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : name;
    }

    private static RefusedChangeException refused(String field, @Nullable String value, String message) {
        return new RefusedChangeException(List.of(
                new Problem(shortened(field), value == null ? null : shortened(value), shortened(message, 1_000))));
    }

    private static String shortened(String text) {
        return shortened(text, LONGEST_VALUE);
    }

    private static String shortened(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }
}
