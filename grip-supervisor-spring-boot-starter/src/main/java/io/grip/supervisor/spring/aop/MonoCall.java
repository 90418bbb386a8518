package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Result;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Calls of a method that returns a {@code Mono}: each subscription is one execution, and calls the method once for each
 * attempt. Loaded only where such a method is, and so Reactor.
 */
final class MonoCall implements SupervisedCall {

    private final Supervisor supervisor;
    private final @Nullable Fallback fallback;

    MonoCall(Supervisor supervisor, @Nullable Fallback fallback) {
        this.supervisor = supervisor;
        this.fallback = fallback;
    }

    @Override
    public Mono<Object> call(ProxyMethodInvocation invocation) {
        Attempts attempts = Attempts.deferred(invocation);
        return Mono.deferContextual(context -> Mono.fromFuture(execution(attempts, context)))
                .flatMap(result -> outcome(result, invocation));
    }

    private CompletableFuture<Result<@Nullable Object>> execution(Attempts attempts, ContextView context) {
        return ReactorContexts.within(
                context,
                () -> supervisor.runAsync(attempt -> {
                    Outcome outcome = new Outcome(ReactorContexts.carrying(context));
                    mono(attempts.run(attempt)).subscribe(outcome);
                    return outcome;
                }));
    }

    private Mono<Object> outcome(Result<@Nullable Object> result, ProxyMethodInvocation invocation) {
        Throwable cause = result.cause();
        if (cause == null) {
            return Mono.justOrEmpty(result.value());
        }
        return fallback != null && Fallback.answersFor(result)
                ? answer(fallback, invocation, cause)
                : Mono.error(cause);
    }

    private static Mono<Object> answer(Fallback fallback, ProxyMethodInvocation invocation, Throwable cause) {
        try {
            return mono(fallback.answer(invocation, cause));
        } catch (Throwable thrown) {
            return Mono.error(thrown);
        }
    }

    @SuppressWarnings("unchecked") // the return type of the method, or of its fallback
    private static Mono<Object> mono(@Nullable Object returned) {
        return (Mono<Object>) Objects.requireNonNull(returned, "null instead of a Mono");
    }

    /** The outcome of one attempt. It ends with the end, not with the value before it: a commit may fail in between. */
    private static final class Outcome extends SubscribedStage {

        private @Nullable Object value;

        Outcome(Context context) {
            super(context);
        }

        @Override
        void subscribed() {
            request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Object value) {
            this.value = value;
        }

        @Override
        @Nullable
        Object value() {
            return value;
        }
    }
}
