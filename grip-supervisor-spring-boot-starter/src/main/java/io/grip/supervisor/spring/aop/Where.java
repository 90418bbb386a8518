package io.grip.supervisor.spring.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.util.ClassUtils;

/** How methods are written where a user reads about them. */
final class Where {

    private Where() {}

    /** {@code com.example.Payments.charge(Order, int)}. */
    static String of(Method method, Class<?> targetClass) {
        return owner(method, targetClass).getName() + "." + signature(method);
    }

    /** {@code charge(Order, int)}. */
    static String signature(Method method) {
        return method.getName() + parameters(method.getParameterTypes());
    }

    /** {@code (Order, int)}. */
    static String parameters(Class<?>... types) {
        return Arrays.stream(types).map(Class::getSimpleName).collect(Collectors.joining(", ", "(", ")"));
    }

    /** {@code Payments.charge}: the user's class without its package, never a proxy's. */
    static String shortName(Method method, Class<?> targetClass) {
        return ClassUtils.getShortName(owner(method, targetClass)) + "." + method.getName();
    }

    /** The class as the user wrote it; of a bean that is nothing but a JDK proxy, the interface of the method. */
    static Class<?> owner(Method method, Class<?> targetClass) {
        return Proxy.isProxyClass(targetClass)
                ? interfaceOf(method, targetClass)
                : ClassUtils.getUserClass(targetClass);
    }

    private static Class<?> interfaceOf(Method method, Class<?> proxyClass) {
        return ClassUtils.getInterfaceMethodIfPossible(method, proxyClass).getDeclaringClass();
    }
}
