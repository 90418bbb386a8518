package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Goes by the properties as they are now whenever Spring Cloud says that the environment has changed: policies that differ
 * are updated while they work, all or none, and lose nothing. Knows that event by its name, since the library need not be
 * there. Called on the thread that has changed the environment.
 */
final class EnvironmentChanges implements SmartApplicationListener {

    /** The event of Spring Cloud Context. */
    static final String EVENT = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

    private static final System.Logger LOG = System.getLogger(EnvironmentChanges.class.getName());

    private final Environment environment;
    private final ObjectProvider<DefaultSupervisorRegistry> registries;
    private final ObjectProvider<LivePolicies> live;

    EnvironmentChanges(
            Environment environment,
            ObjectProvider<DefaultSupervisorRegistry> registries,
            ObjectProvider<LivePolicies> live) {
        this.environment = environment;
        this.registries = registries;
        this.live = live;
    }

    @Override
    public boolean supportsEventType(Class<? extends ApplicationEvent> eventType) {
        return eventType.getName().equals(EVENT);
    }

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        registries.ifAvailable(this::reconfigure);
    }

    private void reconfigure(DefaultSupervisorRegistry registry) {
        try {
            GripSupervisorProperties now = Binder.get(environment)
                    .bindOrCreate(
                            GripSupervisorProperties.PREFIX,
                            Bindable.of(GripSupervisorProperties.class),
                            new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
            List<Supervisor> changed = registry.reconfigure(new ConfiguredPolicies(now, environment));
            live.ifAvailable(desk -> changed.forEach(desk::forget));
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "the environment has changed the policies of "
                            + changed.stream().map(Supervisor::name).toList());
        } catch (BindException | SupervisionConfigurationException wrong) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the environment has changed to policies that cannot be; all keep the one they have",
                    wrong);
        }
    }
}
