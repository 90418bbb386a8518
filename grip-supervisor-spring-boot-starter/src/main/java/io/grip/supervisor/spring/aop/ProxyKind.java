package io.grip.supervisor.spring.aop;

import org.springframework.aop.support.AopUtils;

/** What stands between a bean and its callers, and so which of its methods they reach through it. */
enum ProxyKind {
    /** A subclass: everything that can be overridden. */
    CLASS,
    /** The bean's interfaces and nothing else. */
    INTERFACES,
    /** The bean is not made yet, and either may come. */
    UNDECIDED;

    /** Of a bean that exists. */
    static ProxyKind of(Object bean) {
        return AopUtils.isJdkDynamicProxy(bean) ? INTERFACES : CLASS;
    }
}
