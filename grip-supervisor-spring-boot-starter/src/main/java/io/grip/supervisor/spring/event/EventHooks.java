package io.grip.supervisor.spring.event;

import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.SupervisorPolicy;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes what happens to the executions of one supervisor, as far as anybody listens. Called by any thread; does not
 * block itself, listeners run within it.
 */
final class EventHooks implements Hooks {

    private final String supervisor;
    private final Supplier<SupervisorPolicy> policy;
    private final Audience audience;
    private final ApplicationEventPublisher publisher;

    EventHooks(
            String supervisor,
            Supplier<SupervisorPolicy> policy,
            Audience audience,
            ApplicationEventPublisher publisher) {
        this.supervisor = supervisor;
        this.policy = policy;
        this.audience = audience;
        this.publisher = publisher;
    }

    @Override
    public Interest interest() {
        return audience.interest();
    }

    @Override
    public void onStart(Execution execution) {
        if (audience.hears(ExecutionStarted.class)) {
            publisher.publishEvent(new ExecutionStarted(supervisor, policy.get(), execution));
        }
    }

    @Override
    public void onSuccess(Execution execution, Result<?> result) {
        if (audience.hears(ExecutionSucceeded.class)) {
            publisher.publishEvent(new ExecutionSucceeded(supervisor, policy.get(), execution, result));
        }
    }

    @Override
    public void onFailure(Execution execution, Result<?> result) {
        if (audience.hears(ExecutionFailed.class)) {
            publisher.publishEvent(new ExecutionFailed(supervisor, policy.get(), execution, result));
        }
    }

    @Override
    public void onRetry(Execution execution, int attempt, Duration delay, Throwable cause) {
        if (audience.hears(RetryScheduled.class)) {
            publisher.publishEvent(new RetryScheduled(supervisor, policy.get(), execution, attempt, delay, cause));
        }
    }

    @Override
    public void onRestart(Execution execution, int restarts, @Nullable Throwable cause) {
        if (audience.hears(ExecutionRestarting.class)) {
            publisher.publishEvent(new ExecutionRestarting(supervisor, policy.get(), execution, restarts, cause));
        }
    }

    @Override
    public void onGiveUp(Execution execution, Result<?> result) {
        if (audience.hears(ExecutionGaveUp.class)) {
            publisher.publishEvent(new ExecutionGaveUp(supervisor, policy.get(), execution, result));
        }
    }

    @Override
    public void onEscalate(Execution execution, Result<?> result) {
        if (audience.hears(ExecutionEscalated.class)) {
            publisher.publishEvent(new ExecutionEscalated(supervisor, policy.get(), execution, result));
        }
    }
}
