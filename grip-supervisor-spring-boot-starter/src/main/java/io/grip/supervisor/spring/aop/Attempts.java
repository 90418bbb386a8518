package io.grip.supervisor.spring.aop;

import io.grip.supervisor.execution.ExecutionContext;
import io.grip.supervisor.execution.Task;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.DefaultAdvisorChainFactory;
import org.springframework.aop.framework.ReflectiveMethodInvocation;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;
import org.springframework.util.ReflectionUtils;

/**
 * The attempts of one call: each runs everything that lies inside supervision - the interceptors further in, then the
 * method - from its beginning. Used on whichever thread makes the attempt.
 *
 * <p>An invocation can be walked once only: its clone goes on where it stood. So later attempts are put together anew
 * from the proxy's advisors, and the first one walks the invocation itself, which costs nothing where it succeeds. Where
 * a proxy does not show its advisors, each attempt walks a clone of the untouched invocation.
 */
abstract sealed class Attempts implements Task<@Nullable Object> {

    final ProxyMethodInvocation invocation;

    private Attempts(ProxyMethodInvocation invocation) {
        this.invocation = invocation;
    }

    /** For a call that is attempted now, most likely once, and never twice at a time. */
    static Attempts straight(ProxyMethodInvocation invocation) {
        return invocation.getProxy() instanceof Advised ? new Straight(invocation) : new Cloned(invocation);
    }

    /** For a call that is perhaps never attempted, or several times at once, after its caller has gone on. */
    static Attempts deferred(ProxyMethodInvocation invocation) {
        return invocation.getProxy() instanceof Advised proxy
                ? new Deferred(invocation, proxy)
                : new Cloned(invocation);
    }

    /** Whether the proxy has given this call a thread of its own before it came here. */
    static boolean isOnAsyncThread(ProxyMethodInvocation invocation) {
        return invocation.getProxy() instanceof Advised proxy
                && chain(proxy, invocation).stream().anyMatch(AsyncExecutionInterceptor.class::isInstance);
    }

    /** Makes the next attempt. */
    @Override
    @SuppressWarnings("NullAway") // a task of nullable values returns them; it does not look at type arguments
    public final @Nullable Object run(ExecutionContext context) throws Exception {
        try {
            return next();
        } catch (Throwable thrown) {
            throw Attempts.<Exception>asUnchecked(unwrapped(thrown));
        }
    }

    abstract @Nullable Object next() throws Throwable;

    /** A class proxy wraps a checked exception that the method does not declare; its own again before anyone sees it. */
    private Throwable unwrapped(Throwable thrown) {
        if (thrown instanceof UndeclaredThrowableException
                && thrown.getCause() instanceof Exception inner
                && !(inner instanceof RuntimeException)
                && !ReflectionUtils.declaresException(invocation.getMethod(), inner.getClass())) {
            return inner;
        }
        return thrown;
    }

    @SuppressWarnings("unchecked") // the type parameter is what lets any throwable pass the compiler
    static <E extends Throwable> E asUnchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** Aspects further in ask for the current invocation, which the proxy has made known on the caller's thread only. */
    private static @Nullable Object exposed(MethodInvocation invocation) throws Throwable {
        return ExposeInvocationInterceptor.INSTANCE.invoke(invocation);
    }

    private static List<Object> chain(Advised proxy, ProxyMethodInvocation invocation) {
        return DefaultAdvisorChainFactory.INSTANCE.getInterceptorsAndDynamicInterceptionAdvice(
                proxy, invocation.getMethod(), targetClass(invocation));
    }

    private static @Nullable Class<?> targetClass(ProxyMethodInvocation invocation) {
        Object target = invocation.getThis();
        return target != null ? target.getClass() : null;
    }

    /** The interceptors of a proxy that come after ours. */
    private static List<Object> inside(Advised proxy, ProxyMethodInvocation invocation) {
        List<Object> chain = chain(proxy, invocation);
        for (int i = 0; i < chain.size(); i++) {
            if (chain.get(i) instanceof SupervisedInterceptor) {
                return chain.subList(i + 1, chain.size());
            }
        }
        throw new IllegalStateException(
                "supervision was taken off the proxy during a call of " + invocation.getMethod());
    }

    /** Walks the invocation itself at first. */
    private static final class Straight extends Attempts {

        private final Thread caller = Thread.currentThread();

        /** What the method was called with; null before the first attempt. */
        private @Nullable Object @Nullable [] arguments;

        Straight(ProxyMethodInvocation invocation) {
            super(invocation);
        }

        @Override
        @Nullable
        Object next() throws Throwable {
            @Nullable Object[] known = arguments;
            if (known != null) {
                return exposed(new Anew(invocation, known, inside((Advised) invocation.getProxy(), invocation)));
            }
            arguments = invocation.getArguments();
            return Thread.currentThread() == caller ? invocation.proceed() : exposed(invocation);
        }
    }

    /** Leaves the invocation untouched. */
    private static final class Deferred extends Attempts {

        private final List<Object> inside;

        Deferred(ProxyMethodInvocation invocation, Advised proxy) {
            super(invocation);
            this.inside = inside(proxy, invocation);
        }

        @Override
        @Nullable
        Object next() throws Throwable {
            return exposed(new Anew(invocation, invocation.getArguments(), inside));
        }
    }

    /** Leaves the invocation untouched, and knows nothing of what is inside. */
    private static final class Cloned extends Attempts {

        Cloned(ProxyMethodInvocation invocation) {
            super(invocation);
        }

        @Override
        @Nullable
        Object next() throws Throwable {
            return exposed(invocation.invocableClone());
        }
    }

    /** The part of an invocation that lies inside supervision, once more. */
    private static final class Anew extends ReflectiveMethodInvocation {

        Anew(ProxyMethodInvocation of, @Nullable Object[] arguments, List<Object> inside) {
            super(of.getProxy(), of.getThis(), of.getMethod(), arguments.clone(), targetClass(of), inside);
        }
    }
}
