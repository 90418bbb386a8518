package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The supervisors of one application context that exist, be they beans or of its registry; makes none. */
final class SupervisorsOfContext {

    private SupervisorsOfContext() {}

    static List<Supervisor> in(ConfigurableListableBeanFactory beans) {
        Set<Supervisor> supervisors = Collections.newSetFromMap(new IdentityHashMap<>());
        singletons(beans, SupervisorRegistry.class)
                .flatMap(registry -> registry.names().stream().map(registry::get))
                .forEach(supervisors::add);
        singletons(beans, Supervisor.class).forEach(supervisors::add);
        return supervisors.stream()
                .sorted(Comparator.comparing(Supervisor::name))
                .toList();
    }

    private static <T> Stream<T> singletons(ConfigurableListableBeanFactory beans, Class<T> type) {
        return Stream.of(beans.getBeanNamesForType(type, false, false))
                .filter(beans::containsSingleton)
                .map(beans::getSingleton)
                .filter(type::isInstance)
                .map(type::cast);
    }
}
