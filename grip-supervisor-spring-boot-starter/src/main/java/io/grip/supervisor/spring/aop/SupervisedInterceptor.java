package io.grip.supervisor.spring.aop;

import java.lang.reflect.Method;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * Puts each call under the supervisor of its method. Called by any number of threads.
 *
 * <p>Every method of a proxy has one of its own, which so keeps the way to call that method at hand. Where it is put in
 * the place of several methods after all, or the target changes its class, the others are looked up at each call.
 */
final class SupervisedInterceptor implements MethodInterceptor {

    /** Off means that every call goes straight on. */
    private final boolean enabled;

    private final SupervisedCalls calls;

    /** Publishes the way to call what was called first; of several that are first at once, any. */
    private volatile @Nullable First first;

    SupervisedInterceptor(boolean enabled, SupervisedCalls calls) {
        this.enabled = enabled;
        this.calls = calls;
    }

    @Override
    @SuppressWarnings("NullAway") // the interface says nullable too, in a class file, where it does not look on JDK 17
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        if (!enabled) {
            return invocation.proceed();
        }
        if (!(invocation instanceof ProxyMethodInvocation ofProxy)) {
            throw new IllegalStateException(
                    "supervision needs an invocation made by a Spring proxy, for it can be made again: " + invocation);
        }
        return callOf(ofProxy).call(ofProxy);
    }

    private SupervisedCall callOf(ProxyMethodInvocation invocation) {
        Method method = invocation.getMethod();
        Object target = invocation.getThis();
        Class<?> targetClass = target != null ? target.getClass() : method.getDeclaringClass();
        First known = first;
        if (known != null && known.method() == method && known.targetClass() == targetClass) {
            return known.call();
        }
        SupervisedCall call = calls.of(method, targetClass, invocation);
        if (known == null) {
            first = new First(method, targetClass, call);
        }
        return call;
    }

    private record First(Method method, Class<?> targetClass, SupervisedCall call) {}
}
