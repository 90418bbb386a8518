package io.grip.supervisor.spring.aop;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.function.Supplier;
import org.springframework.util.ClassUtils;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Brings together what a subscriber's context holds and what threads carry, where Micrometer's context propagation is
 * there: an execution begins with the subscriber's values on its thread, and what an attempt subscribes to sees the
 * attempt's. Loaded only where Reactor is.
 */
final class ReactorContexts {

    private static final boolean CAN_PROPAGATE = ClassUtils.isPresent(
            "io.micrometer.context.ContextSnapshotFactory", ReactorContexts.class.getClassLoader());

    private ReactorContexts() {}

    /** Calls something with the values of a subscriber's context in place on this thread. */
    static <T> T within(ContextView subscriber, Supplier<T> body) {
        return CAN_PROPAGATE && !subscriber.isEmpty() ? Propagation.within(subscriber, body) : body.get();
    }

    /** A subscriber's context with what this thread carries in place of its own values. */
    static Context carrying(ContextView subscriber) {
        Context context = Context.of(subscriber);
        return CAN_PROPAGATE ? Propagation.carrying(context) : context;
    }

    /** Loaded only where context propagation is. */
    private static final class Propagation {

        private static final ContextSnapshotFactory SNAPSHOTS =
                ContextSnapshotFactory.builder().build();

        static <T> T within(ContextView subscriber, Supplier<T> body) {
            ContextSnapshot.Scope carried = SNAPSHOTS.setThreadLocalsFrom(subscriber);
            try {
                return body.get();
            } finally {
                carried.close();
            }
        }

        static Context carrying(Context context) {
            return SNAPSHOTS.captureAll().updateContext(context);
        }
    }
}
