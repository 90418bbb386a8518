package io.grip.supervisor.spring.aop;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/** How calls of one method are supervised; made once per method, safe for use by any thread. */
@FunctionalInterface
interface SupervisedCall {

    /** Makes one call: one execution, or what gives one execution to each subscriber. */
    @Nullable
    Object call(ProxyMethodInvocation invocation) throws Throwable;
}
