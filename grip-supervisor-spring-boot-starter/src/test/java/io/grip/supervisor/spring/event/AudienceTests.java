package io.grip.supervisor.spring.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.lang.management.ManagementFactory;
import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.core.ResolvableType;

class AudienceTests {

    private static final int CALLS = 10_000;
    private static final long SMALLEST_OBJECT = 16;

    @Test
    void hearsNothingWhereNobodyListens() {
        assertThat(heardWith(ListensToSomethingElse.class)).isEmpty();
    }

    @Test
    void hearsTheTypeOfAnAnnotatedMethod() {
        assertThat(heardWith(ListensToRetries.class)).containsExactly(RetryScheduled.class);
    }

    @Test
    void hearsTheTypesThatAnAnnotationLists() {
        assertThat(heardWith(ListensToTwo.class))
                .containsExactlyInAnyOrder(ExecutionGaveUp.class, ExecutionEscalated.class);
    }

    @Test
    void hearsEveryTypeForAListenerToAllSupervisorEvents() {
        assertThat(heardWith(ListensToAll.class)).hasSize(7);
    }

    @Test
    void hearsTheTypeOfAnAnnotatedMethodThatTakesThePayloadEvent() {
        assertThat(heardWith(ListensToThePayloadEvent.class)).containsExactly(RetryScheduled.class);
    }

    @Test
    void hearsTheTypeOfAListenerClass() {
        assertThat(heardWith(ListenerClass.class)).containsExactly(RetryScheduled.class);
    }

    @Test
    void hearsTheTypeOfALambdaThatABeanMethodReturns() {
        assertThat(heardWith(ListenerLambda.class)).containsExactly(RetryScheduled.class);
    }

    @Test
    void hearsTheTypeOfAListenerThatIsCreatedLater() {
        assertThat(heardWith(LazyListener.class)).containsExactly(RetryScheduled.class);
    }

    @Test
    void hearsTheTypeOfAGenericListener() {
        assertThat(heardWith(ListenerThatDecidesByType.class)).containsExactly(ExecutionFailed.class);
    }

    @Test
    void doesNotCountThoseWhoListenToEverything() {
        assertThat(heardWith(
                        ListensToObjects.class,
                        ListensToRecords.class,
                        ListensToApplicationEvents.class,
                        ListensToAnyPayload.class,
                        CatchAllListener.class,
                        CatchAllSmartListener.class))
                .isEmpty();
    }

    @Test
    void hearsAListenerOfAParentContext() {
        try (var parent = new AnnotationConfigApplicationContext(ListensToRetries.class);
                var child = new AnnotationConfigApplicationContext()) {
            child.setParent(parent);
            child.refresh();

            assertThat(heardIn(Audience.ofExecutions(child))).containsExactly(RetryScheduled.class);
        }
    }

    @Test
    void doesNotHearAListenerOfAChildContext() {
        try (var parent = new AnnotationConfigApplicationContext(ListensToSomethingElse.class);
                var child = new AnnotationConfigApplicationContext()) {
            child.setParent(parent);
            child.register(ListensToRetries.class);
            child.refresh();

            assertThat(heardIn(Audience.ofExecutions(parent))).isEmpty();
        }
    }

    @Test
    void hearsAListenerThatIsAddedLater() {
        try (var context = new AnnotationConfigApplicationContext(ListensToSomethingElse.class)) {
            Audience audience = Audience.ofExecutions(context);
            assertThat(heardIn(audience)).isEmpty();

            context.addApplicationListener(new RetryListener());

            assertThat(heardIn(audience)).containsExactly(RetryScheduled.class);
        }
    }

    @Test
    void hearsAListenerThatIsAddedToAParentLater() {
        try (var parent = new AnnotationConfigApplicationContext(ListensToSomethingElse.class);
                var child = new AnnotationConfigApplicationContext()) {
            child.setParent(parent);
            child.refresh();
            Audience audience = Audience.ofExecutions(child);
            assertThat(heardIn(audience)).isEmpty();

            parent.addApplicationListener(new RetryListener());

            assertThat(heardIn(audience)).containsExactly(RetryScheduled.class);
        }
    }

    @Test
    void hearsNoListenerAnyMoreOnceItIsRemoved() {
        try (var context = new AnnotationConfigApplicationContext(ListensToSomethingElse.class)) {
            Audience audience = Audience.ofExecutions(context);
            RetryListener listener = new RetryListener();
            context.addApplicationListener(listener);
            assertThat(heardIn(audience)).containsExactly(RetryScheduled.class);

            context.removeApplicationListener(listener);

            assertThat(heardIn(audience)).isEmpty();
        }
    }

    @Test
    void looksAgainWhenAListenerIsAddedInTheMiddleOfALookUp() {
        try (var context = new ContextThatIsAddedTo()) {
            context.register(ListensToRetries.class);
            context.refresh();
            Audience audience = Audience.ofExecutions(context);
            context.addsWhileListed = true;

            assertThat(audience.hears(RetryScheduled.class)).isFalse();
            assertThat(audience.hears(RetryScheduled.class)).isTrue();
        }
    }

    @Test
    void hearsNothingOnceTheContextIsClosed() {
        var context = new AnnotationConfigApplicationContext(ListensToAll.class);
        Audience audience = Audience.ofExecutions(context);
        assertThat(heardIn(audience)).hasSize(7);

        context.close();

        assertThat(heardIn(audience)).isEmpty();
    }

    @Test
    void anEventThatNobodyListensToAllocatesNothing() {
        try (var context = new AnnotationConfigApplicationContext(ListensToObjects.class, ListensToRetries.class)) {
            Hooks hooks =
                    new EventHooks("payment", SupervisorPolicy::defaults, Audience.ofExecutions(context), context);
            Execution execution = Execution.of("charge");
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            callManyTimes(hooks, execution);

            long before = threads.getCurrentThreadAllocatedBytes();
            callManyTimes(hooks, execution);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated).isLessThan(SMALLEST_OBJECT * CALLS);
        }
    }

    private static void callManyTimes(Hooks hooks, Execution execution) {
        for (int call = 0; call < CALLS; call++) {
            hooks.onStart(execution);
        }
    }

    private static Set<Class<?>> heardWith(Class<?>... beans) {
        try (var context = new AnnotationConfigApplicationContext(beans)) {
            return heardIn(Audience.ofExecutions(context));
        }
    }

    @SuppressWarnings("unchecked")
    private static Set<Class<?>> heardIn(Audience audience) {
        return Arrays.stream(SupervisorEvent.class.getPermittedSubclasses())
                .filter(type -> audience.hears((Class<? extends SupervisorEvent>) type))
                .collect(Collectors.toSet());
    }

    /** Gets another listener, as if from another thread, while its listeners are looked at for the first time. */
    static final class ContextThatIsAddedTo extends AnnotationConfigApplicationContext {
        boolean addsWhileListed;

        @Override
        public Collection<ApplicationListener<?>> getApplicationListeners() {
            Collection<ApplicationListener<?>> listeners = super.getApplicationListeners();
            if (!addsWhileListed) {
                return listeners;
            }
            return new AbstractCollection<>() {
                @Override
                public Iterator<ApplicationListener<?>> iterator() {
                    Iterator<ApplicationListener<?>> iterator = listeners.iterator();
                    if (addsWhileListed) {
                        addsWhileListed = false;
                        addApplicationListener(new RetryListener());
                    }
                    return iterator;
                }

                @Override
                public int size() {
                    return listeners.size();
                }
            };
        }
    }

    static final class ListensToSomethingElse {
        @EventListener
        void on(ContextRefreshedEvent event) {}

        @EventListener
        void on(String event) {}
    }

    static final class ListensToRetries {
        @EventListener
        void on(RetryScheduled event) {}
    }

    static final class ListensToTwo {
        @EventListener({ExecutionGaveUp.class, ExecutionEscalated.class})
        void on() {}
    }

    static final class ListensToAll {
        @EventListener
        void on(SupervisorEvent event) {}
    }

    static final class ListensToThePayloadEvent {
        @EventListener
        void on(PayloadApplicationEvent<RetryScheduled> event) {}
    }

    static final class ListenerClass extends RetryListener {}

    @Configuration(proxyBeanMethods = false)
    static class ListenerLambda {
        @Bean
        ApplicationListener<PayloadApplicationEvent<RetryScheduled>> listener() {
            return event -> {};
        }
    }

    @Lazy
    static final class LazyListener extends RetryListener {
        LazyListener() {
            throw new AssertionError("nothing has been published that would need this listener");
        }
    }

    static final class ListenerThatDecidesByType implements GenericApplicationListener {
        @Override
        public boolean supportsEventType(ResolvableType type) {
            return ResolvableType.forClassWithGenerics(PayloadApplicationEvent.class, ExecutionFailed.class)
                    .isAssignableFrom(type);
        }

        @Override
        public void onApplicationEvent(ApplicationEvent event) {}
    }

    static final class ListensToObjects {
        @EventListener
        void on(Object event) {}
    }

    static final class ListensToRecords {
        @EventListener
        void on(Record event) {}
    }

    static final class ListensToApplicationEvents {
        @EventListener
        void on(ApplicationEvent event) {}
    }

    static final class ListensToAnyPayload {
        @EventListener
        void on(PayloadApplicationEvent<?> event) {}
    }

    static final class CatchAllListener implements ApplicationListener<ApplicationEvent> {
        @Override
        public void onApplicationEvent(ApplicationEvent event) {}
    }

    static final class CatchAllSmartListener implements SmartApplicationListener {
        @Override
        public boolean supportsEventType(Class<? extends ApplicationEvent> type) {
            return true;
        }

        @Override
        public void onApplicationEvent(ApplicationEvent event) {}
    }

    static class RetryListener implements ApplicationListener<PayloadApplicationEvent<RetryScheduled>> {
        @Override
        public void onApplicationEvent(PayloadApplicationEvent<RetryScheduled> event) {}
    }
}
