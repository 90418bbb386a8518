package io.grip.supervisor.spring.event;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorCustomizer;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.Ordered;

/**
 * Has each supervisor publish its {@link SupervisorEvent}s in an application context. Comes before the customizers of the
 * application, so that hooks which those add run after the listeners.
 */
public final class SupervisorEventPublisher implements SupervisorCustomizer, Ordered {

    private final AbstractApplicationContext context;
    private final Audience audience;

    /**
     * Publishes to the listeners of a context and of its parents.
     *
     * @param context where the supervisors are at home
     */
    public SupervisorEventPublisher(AbstractApplicationContext context) {
        this.context = context;
        this.audience = Audience.ofExecutions(context);
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public void customize(String name, Supervisor.Builder builder) {
        // Asked for at each event, since a customizer after this one may set another policy.
        builder.addHooks(new EventHooks(name, builder::policy, audience, context));
    }
}
