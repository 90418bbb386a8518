package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.lang.reflect.Method;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * The way to call each method, for all proxies of one advisor. What a method's annotation says is found out at its first
 * call, not before: proxies are made while the beans that supervision needs are not there yet. Safe for use by any
 * number of threads.
 */
final class SupervisedCalls {

    private final Supplier<SupervisorRegistry> registry;
    private final UnaryOperator<String> placeholders;

    /** By method, since that is one look-up without a key to allocate; several classes may share an inherited one. */
    private final ConcurrentHashMap<Method, Known> known = new ConcurrentHashMap<>();

    SupervisedCalls(Supplier<SupervisorRegistry> registry, UnaryOperator<String> placeholders) {
        this.registry = registry;
        this.placeholders = placeholders;
    }

    /**
     * The way to call a method on a class.
     *
     * @param invocation a call of it
     * @throws SupervisionConfigurationException if there is no such policy, or the supervisor has another
     */
    SupervisedCall of(Method method, Class<?> targetClass, ProxyMethodInvocation invocation) {
        for (Known next = known.get(method); next != null; next = next.others()) {
            if (next.targetClass() == targetClass) {
                return next.call();
            }
        }
        SupervisedCall call = resolve(method, targetClass, Attempts.isOnAsyncThread(invocation));
        known.compute(method, (same, others) -> new Known(targetClass, call, others));
        return call;
    }

    private SupervisedCall resolve(Method method, Class<?> targetClass, boolean onAsyncThread) {
        Supervised annotation = Annotations.find(method, targetClass);
        if (annotation == null) {
            return ProxyMethodInvocation::proceed;
        }
        // The check at start has told the user of any problem, or was told to be silent.
        SupervisedMethod supervised =
                SupervisedMethod.read(annotation, method, targetClass, placeholders, problem -> {});
        return supervised.call(supervised.supervisor(registry.get()), onAsyncThread);
    }

    /** The way to call a method on one class, and on the others that have it. */
    private record Known(
            Class<?> targetClass,
            SupervisedCall call,
            @Nullable Known others) {}
}
