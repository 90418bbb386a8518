package io.grip.supervisor.spring.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.FailureKind;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.EventListener;

class EventHooksTests {

    private static final SupervisorPolicy POLICY = SupervisorPolicy.defaults();
    private static final Execution EXECUTION = Execution.of("charge");
    private static final Exception CAUSE = new IOException("reset");
    private static final Result<?> RESULT = Result.failure(FailureKind.HANDLER_ERROR, CAUSE);

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    @AfterEach
    void closeContext() {
        context.close();
    }

    @Test
    void eachHookIsAnEventWithWhatTheHookHas() {
        Everything listener = start(new Everything());

        callEach(hooks(context));

        assertThat(listener.events)
                .containsExactly(
                        new ExecutionStarted("payment", POLICY, EXECUTION),
                        new ExecutionSucceeded("payment", POLICY, EXECUTION, RESULT),
                        new ExecutionFailed("payment", POLICY, EXECUTION, RESULT),
                        new RetryScheduled("payment", POLICY, EXECUTION, 2, Duration.ofMillis(70), CAUSE),
                        new ExecutionRestarting("payment", POLICY, EXECUTION, 1, null),
                        new ExecutionGaveUp("payment", POLICY, EXECUTION, RESULT),
                        new ExecutionEscalated("payment", POLICY, EXECUTION, RESULT));
    }

    @Test
    void publishesOnlyWhatSomebodyListensTo() {
        start(new Retries());
        List<Object> published = new ArrayList<>();

        callEach(hooks(published::add));

        assertThat(published).hasOnlyElementsOfType(RetryScheduled.class).hasSize(1);
    }

    @Test
    void aListenerToEverythingHearsWhatAnotherHasAskedFor() {
        Anything listener = new Anything();
        context.registerBean(Anything.class, () -> listener);
        start(new Retries());

        callEach(hooks(context));

        assertThat(listener.events).hasOnlyElementsOfType(RetryScheduled.class).hasSize(1);
    }

    @Test
    void aListenerRunsOnTheThreadOfTheHook() {
        Everything listener = start(new Everything());

        hooks(context).onStart(EXECUTION);

        assertThat(listener.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void whatAListenerThrowsReachesTheEngineThatGuardsTheHook() {
        start(new Throwing());

        assertThatThrownBy(() -> hooks(context).onStart(EXECUTION)).isSameAs(Throwing.THROWN);
    }

    private <T> T start(T listener) {
        @SuppressWarnings("unchecked")
        Class<T> type = (Class<T>) listener.getClass();
        context.registerBean(type, () -> listener);
        context.refresh();
        return listener;
    }

    private Hooks hooks(ApplicationEventPublisher publisher) {
        return new EventHooks("payment", () -> POLICY, Audience.ofExecutions(context), publisher);
    }

    private static void callEach(Hooks hooks) {
        hooks.onStart(EXECUTION);
        hooks.onSuccess(EXECUTION, RESULT);
        hooks.onFailure(EXECUTION, RESULT);
        hooks.onRetry(EXECUTION, 2, Duration.ofMillis(70), CAUSE);
        hooks.onRestart(EXECUTION, 1, null);
        hooks.onGiveUp(EXECUTION, RESULT);
        hooks.onEscalate(EXECUTION, RESULT);
    }

    static final class Everything {
        final List<SupervisorEvent> events = new ArrayList<>();
        final List<Thread> threads = new ArrayList<>();

        @EventListener
        void on(SupervisorEvent event) {
            events.add(event);
            threads.add(Thread.currentThread());
        }
    }

    static final class Retries {
        @EventListener
        void on(RetryScheduled event) {}
    }

    static final class Anything {
        final List<Object> events = new ArrayList<>();

        @EventListener
        void on(Object event) {
            if (event instanceof SupervisorEvent) {
                events.add(event);
            }
        }
    }

    static final class Throwing {
        static final IllegalStateException THROWN = new IllegalStateException("listener");

        @EventListener
        void on(ExecutionStarted event) {
            throw THROWN;
        }
    }
}
