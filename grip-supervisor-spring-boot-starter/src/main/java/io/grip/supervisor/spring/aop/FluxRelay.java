package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Result;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription to a supervised {@code Flux}: hands the elements of its attempts on, as they come and as they are
 * asked for, and keeps none.
 *
 * <p>With its first element an attempt is committed: none comes after it. So at any time there is one source at the
 * most, and whatever was asked for before the first element is owed by it in full. Signals to the subscriber are serial:
 * elements come from that one source, and the end, which may come from any thread (a deadline, say), is put off while an
 * element is being handed on.
 */
final class FluxRelay implements Subscription {

    /** Something that is subscribed to once it has been called. */
    @FunctionalInterface
    interface Source<A> {

        Publisher<Object> from(A argument) throws Throwable;
    }

    private final CoreSubscriber<? super Object> downstream;
    private final Source<ExecutionContext> method;
    private final @Nullable Source<Throwable> fallback;

    /** How many signals want to be handed on; whoever makes it 1 may do so. The last of all never takes its 1 back. */
    private final AtomicInteger signals = new AtomicInteger();

    /** Why it ended, null where it was complete; written before the signal that publishes it. */
    private @Nullable Throwable failure;

    /** Publishes the subscriber's cancel to attempts that are about to start. */
    private volatile boolean cancelled;

    /** Publishes, to the thread that ends the execution, that an element was handed on and nothing else may follow. */
    private volatile boolean committed;

    /** Publishes the execution to the thread that cancels; null until it has been started. */
    private volatile @Nullable CompletableFuture<?> execution;

    /** How much was asked for so far; guarded by this, together with who has been told. */
    private long demand;

    /** Where the elements come from, once it can be asked for them; guarded by this. */
    private @Nullable Elements source;

    FluxRelay(
            CoreSubscriber<? super Object> downstream,
            Source<ExecutionContext> method,
            @Nullable Source<Throwable> fallback) {
        this.downstream = downstream;
        this.method = method;
        this.fallback = fallback;
    }

    void start(Supervisor supervisor) {
        downstream.onSubscribe(this);
        if (cancelled) {
            return;
        }
        CompletableFuture<Result<@Nullable Object>> running =
                ReactorContexts.within(downstream.currentContext(), () -> supervisor.runAsync(this::attempt));
        execution = running;
        if (cancelled) {
            running.cancel(true);
        }
        running.whenComplete((result, cancel) -> {
            if (result != null) {
                ended(result);
            }
        });
    }

    private CompletionStage<@Nullable Object> attempt(ExecutionContext context) {
        Elements elements = new Elements(context);
        subscribe(method, context, elements);
        return elements;
    }

    private static <A> void subscribe(Source<A> source, A argument, Elements elements) {
        try {
            source.from(argument).subscribe(elements);
        } catch (Throwable thrown) {
            elements.onError(thrown);
        }
    }

    /** Called on the thread that ended the execution. */
    private void ended(Result<?> result) {
        Throwable cause = result.cause();
        if (cause == null || committed || fallback == null || !Fallback.answersFor(result) || cancelled) {
            end(cause);
            return;
        }
        Elements answer = new Elements(null);
        answer.whenComplete((nothing, failed) -> end(failed));
        subscribe(fallback, cause, answer);
    }

    // ---------------------------------------------------------------- upwards

    @Override
    public void request(long n) {
        if (!Operators.validate(n)) {
            return;
        }
        Elements asked;
        synchronized (this) {
            demand = Operators.addCap(demand, n);
            asked = source;
        }
        if (asked != null) {
            asked.request(n);
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        CompletableFuture<?> running = execution;
        if (running != null) {
            running.cancel(true);
        }
        Elements unwanted;
        synchronized (this) {
            unwanted = source;
        }
        if (unwanted != null) {
            unwanted.cancelUpstream();
        }
    }

    /** From here on this is the source; it owes all that was asked for. */
    private void drawFrom(Elements elements) {
        long owed;
        synchronized (this) {
            source = elements;
            owed = demand;
        }
        if (cancelled) {
            elements.cancelUpstream();
        } else if (owed > 0) {
            elements.request(owed);
        }
    }

    // ---------------------------------------------------------------- downwards

    private void handOn(Object element) {
        if (!signals.compareAndSet(0, 1)) {
            Operators.onNextDropped(element, downstream.currentContext());
            return;
        }
        downstream.onNext(element);
        if (signals.decrementAndGet() != 0) {
            signalEnd();
        }
    }

    private void end(@Nullable Throwable cause) {
        failure = cause;
        if (signals.getAndIncrement() == 0) {
            signalEnd();
        }
    }

    private void signalEnd() {
        if (cancelled) {
            return;
        }
        if (failure == null) {
            downstream.onComplete();
        } else {
            downstream.onError(failure);
        }
    }

    /** The elements of one attempt, or of the fallback. */
    private final class Elements extends SubscribedStage {

        /** The attempt, to be committed; null for the fallback. */
        private final @Nullable ExecutionContext attempt;

        private boolean begun;

        Elements(@Nullable ExecutionContext attempt) {
            super(
                    attempt != null
                            ? ReactorContexts.carrying(downstream.currentContext())
                            : downstream.currentContext());
            this.attempt = attempt;
        }

        @Override
        void subscribed() {
            drawFrom(this);
        }

        @Override
        public void onNext(Object element) {
            if (begun || begin()) {
                handOn(element);
            } else {
                Operators.onNextDropped(element, currentContext());
            }
        }

        /** Commits the attempt; false if it was left behind before that. */
        private boolean begin() {
            if (isDone()) {
                return false;
            }
            if (attempt != null) {
                attempt.commit();
                // Whoever leaves the attempt cancels this stage, then looks for the commit; here it is the other way.
                if (isDone() || attempt.isCancelled()) {
                    return false;
                }
                committed = true;
            }
            begun = true;
            return true;
        }

        @Override
        @Nullable
        Object value() {
            return null;
        }
    }
}
