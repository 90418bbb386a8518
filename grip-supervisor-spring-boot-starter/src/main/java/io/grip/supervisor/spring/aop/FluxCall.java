package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.aop.ProxyMethodInvocation;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * Calls of a method that returns a {@code Flux}: each subscription is one execution, and calls the method once for each
 * attempt. Loaded only where such a method is, and so Reactor.
 */
final class FluxCall implements SupervisedCall {

    private final Supervisor supervisor;
    private final @Nullable Fallback fallback;

    FluxCall(Supervisor supervisor, @Nullable Fallback fallback) {
        this.supervisor = supervisor;
        this.fallback = fallback;
    }

    @Override
    public Flux<Object> call(ProxyMethodInvocation invocation) {
        return Supervised.of(this, invocation);
    }

    private void subscribe(ProxyMethodInvocation invocation, CoreSubscriber<? super Object> downstream) {
        Attempts attempts = Attempts.deferred(invocation);
        FluxRelay relay = new FluxRelay(
                downstream,
                context -> flux(attempts.run(context)),
                fallback == null ? null : cause -> flux(fallback.answer(invocation, cause)));
        relay.start(supervisor);
    }

    @SuppressWarnings("unchecked") // the return type of the method, or of its fallback
    private static Publisher<Object> flux(@Nullable Object returned) {
        return (Publisher<Object>) Objects.requireNonNull(returned, "null instead of a Flux");
    }

    /** What the caller gets. Immutable. */
    private static final class Supervised extends Flux<Object> {

        private final FluxCall call;
        private final ProxyMethodInvocation invocation;

        private Supervised(FluxCall call, ProxyMethodInvocation invocation) {
            this.call = call;
            this.invocation = invocation;
        }

        static Flux<Object> of(FluxCall call, ProxyMethodInvocation invocation) {
            return onAssembly(new Supervised(call, invocation));
        }

        @Override
        public void subscribe(CoreSubscriber<? super Object> downstream) {
            call.subscribe(invocation, downstream);
        }
    }
}
