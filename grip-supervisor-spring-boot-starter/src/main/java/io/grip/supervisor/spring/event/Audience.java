package io.grip.supervisor.spring.event;

import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.tree.TreeEvent;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * Which events anybody in a context or its parents listens to.
 *
 * <p>Looked up at the first question, and again whenever the number of listeners has changed since: the contexts tell
 * nobody of a new one, but to ask for their number costs next to nothing; a swap that leaves the number as it was is
 * noticed with the next change. Asked by any thread, on the path of every
 * execution: does not block and does not allocate, except to look up.
 */
final class Audience {

    /** A type that nobody can know: who listens to it too listens to everything, and so asks for nothing. */
    private record Unknown() {}

    private final Class<?> source;
    private final AbstractApplicationContext[] contexts;
    private final List<Class<?>> types;
    private final UnaryOperator<ResolvableType> event;

    /** The outcome of the last look-up; volatile so that its set is seen whole by every thread. */
    private volatile Heard heard = new Heard(-1, Set.of(), Hooks.Interest.NOTHING);

    /** Of events that happen to executions. */
    static Audience ofExecutions(AbstractApplicationContext context) {
        return new Audience(context, SupervisorEvent.class, UnaryOperator.identity());
    }

    /** Of events that happen in trees, by the type of what happened. */
    static Audience ofTrees(AbstractApplicationContext context) {
        return new Audience(
                context,
                TreeEvent.class,
                happened -> ResolvableType.forClassWithGenerics(SupervisionTreeEvent.class, happened));
    }

    private Audience(AbstractApplicationContext context, Class<?> sealed, UnaryOperator<ResolvableType> event) {
        this.source = context.getClass();
        this.contexts = lineage(context).toArray(AbstractApplicationContext[]::new);
        this.types = List.of(sealed.getPermittedSubclasses());
        this.event = event;
    }

    /**
     * Whether anybody listens to events of this type, so that it is worth making one; nobody does once the context has
     * been closed, which some executions may outlive.
     */
    boolean hears(Class<?> type) {
        return heard().types.contains(type) && contexts[0].isActive();
    }

    /** How much anybody listens to. */
    Hooks.Interest interest() {
        return heard().interest;
    }

    private Heard heard() {
        // Read without a lock, from sets that are written without one: a number that is late by a moment is that of a
        // listener which is added at this moment.
        int listeners = listeners();
        Heard known = heard;
        if (known.listeners != listeners) {
            known = lookUp(listeners, known);
            heard = known;
        }
        return known;
    }

    private int listeners() {
        int sum = 0;
        for (AbstractApplicationContext context : contexts) {
            sum += context.getApplicationListeners().size();
        }
        return sum;
    }

    private Heard lookUp(int listeners, Heard before) {
        Set<Class<?>> types = new HashSet<>();
        try {
            for (AbstractApplicationContext context : contexts) {
                for (ApplicationListener<?> listener : context.getApplicationListeners()) {
                    addHeard(types, event -> supports(listener, event));
                }
                addHeardByBeans(types, context.getBeanFactory());
            }
        } catch (ConcurrentModificationException listenerAdded) {
            // Another thread adds one right now. Until it has, what was known before holds; the number, which is not
            // taken over, makes the next question look again.
            return before;
        }
        return new Heard(listeners, Set.copyOf(types), interestIn(types));
    }

    /**
     * Beans that are listeners are in the context's own list once they have been created, but lazy ones have not, and
     * the type of a lambda is known to its bean definition alone.
     */
    private void addHeardByBeans(Set<Class<?>> types, ConfigurableListableBeanFactory factory) {
        for (String name : factory.getBeanNamesForType(ApplicationListener.class, true, false)) {
            Class<?> type = factory.getType(name, false);
            if (type != null && !SmartApplicationListener.class.isAssignableFrom(type)) {
                ResolvableType byClass = declaredEvent(ResolvableType.forClass(type));
                ResolvableType byDefinition = factory.containsBeanDefinition(name)
                        ? declaredEvent(factory.getMergedBeanDefinition(name).getResolvableType())
                        : ResolvableType.NONE;
                addHeard(types, event -> accepts(byClass, event) && accepts(byDefinition, event));
            }
        }
    }

    private void addHeard(Set<Class<?>> heardTypes, Predicate<ResolvableType> listener) {
        if (!listener.test(published(ResolvableType.forClass(Unknown.class)))) {
            types.stream()
                    .filter(type -> listener.test(published(event.apply(ResolvableType.forClass(type)))))
                    .forEach(heardTypes::add);
        }
    }

    private boolean supports(ApplicationListener<?> listener, ResolvableType event) {
        GenericApplicationListener generic = listener instanceof GenericApplicationListener itself
                ? itself
                : new GenericApplicationListenerAdapter(listener);
        return generic.supportsEventType(event) && generic.supportsSourceType(source);
    }

    private static ResolvableType declaredEvent(ResolvableType listener) {
        return listener.as(ApplicationListener.class).getGeneric();
    }

    private static boolean accepts(ResolvableType declared, ResolvableType event) {
        return declared == ResolvableType.NONE || declared.isAssignableFrom(event);
    }

    /** The type under which a context publishes an object that is no application event itself. */
    private static ResolvableType published(ResolvableType type) {
        return ResolvableType.forClassWithGenerics(PayloadApplicationEvent.class, type);
    }

    private static List<AbstractApplicationContext> lineage(ApplicationContext first) {
        List<AbstractApplicationContext> contexts = new ArrayList<>();
        for (@Nullable ApplicationContext each = first; each != null; each = each.getParent()) {
            if (each instanceof AbstractApplicationContext context) {
                contexts.add(context);
            }
        }
        return contexts;
    }

    private static Hooks.Interest interestIn(Set<Class<?>> types) {
        if (types.contains(ExecutionStarted.class) || types.contains(ExecutionSucceeded.class)) {
            return Hooks.Interest.EVERYTHING;
        }
        return types.isEmpty() ? Hooks.Interest.NOTHING : Hooks.Interest.FAILURES;
    }

    private record Heard(int listeners, Set<Class<?>> types, Hooks.Interest interest) {}
}
