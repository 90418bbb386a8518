package io.grip.supervisor.spring.aop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One subscription to what the method returned, as the stage that the engine waits for: it ends with the terminal signal,
 * and cancelling it cancels the subscription, once. Signals are serial, cancels come from any thread.
 */
abstract class SubscribedStage extends CompletableFuture<@Nullable Object> implements CoreSubscriber<Object> {

    private static final AtomicReferenceFieldUpdater<SubscribedStage, Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(SubscribedStage.class, Subscription.class, "upstream");

    private final Context context;

    /** Publishes what to ask and to cancel to the threads of the subscriber and of the engine. */
    private volatile @Nullable Subscription upstream;

    SubscribedStage(Context context) {
        this.context = context;
    }

    /** There is a subscription, and it is wanted. */
    abstract void subscribed();

    @Override
    public final Context currentContext() {
        return context;
    }

    @Override
    public final void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            subscribed();
        }
    }

    @Override
    public final void onError(Throwable failure) {
        UPSTREAM.lazySet(this, Operators.cancelledSubscription());
        if (!completeExceptionally(failure)) {
            Operators.onErrorDropped(failure, context);
        }
    }

    @Override
    public final void onComplete() {
        UPSTREAM.lazySet(this, Operators.cancelledSubscription());
        complete(value());
    }

    /** The value of the stage, once all has come. */
    abstract @Nullable Object value();

    final void request(long n) {
        Subscription subscription = upstream;
        if (subscription != null) {
            subscription.request(n);
        }
    }

    final void cancelUpstream() {
        Operators.terminate(UPSTREAM, this);
    }

    @Override
    public final boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        if (cancelled) {
            cancelUpstream();
        }
        return cancelled;
    }
}
