package io.grip.supervisor.spring.lifecycle;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The supervisors of one application context, be they beans or of its registry; not those of its parents. Safe for use by
 * any thread.
 */
final class ContextSupervisors {

    private final ConfigurableListableBeanFactory factory;

    ContextSupervisors(ConfigurableListableBeanFactory factory) {
        this.factory = factory;
    }

    /** Those that exist at this moment; creates none, since the context may be about to close. */
    Set<Supervisor> existing() {
        Set<Supervisor> supervisors = Collections.newSetFromMap(new IdentityHashMap<>());
        singletons(SupervisorRegistry.class)
                .flatMap(registry -> registry.names().stream().map(registry::get))
                .forEach(supervisors::add);
        singletons(Supervisor.class).forEach(supervisors::add);
        return supervisors;
    }

    private <T> Stream<T> singletons(Class<T> type) {
        return Arrays.stream(factory.getBeanNamesForType(type, false, false))
                .filter(factory::containsSingleton)
                .map(factory::getSingleton)
                .filter(type::isInstance)
                .map(type::cast);
    }
}
