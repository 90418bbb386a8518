package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Which {@link Supervised} applies to a method of a class: the nearest of the one on the implementing method (what it
 * overrides or implements included), on the called method, and on the class (its superclasses and interfaces included).
 */
final class Annotations {

    private Annotations() {}

    /** The annotation that applies, aliases merged; null for none and for the methods of {@link Object}. */
    static @Nullable Supervised find(Method method, Class<?> targetClass) {
        if (ReflectionUtils.isObjectMethod(method)) {
            return null;
        }
        Supervised onMethod = onMethod(method, targetClass);
        return onMethod != null ? onMethod : onClass(targetClass);
    }

    /** The annotation that the method itself bears or inherits from a method it overrides or implements. */
    static @Nullable Supervised onMethod(Method method, Class<?> targetClass) {
        Method implementation = AopUtils.getMostSpecificMethod(method, targetClass);
        Supervised found = AnnotatedElementUtils.findMergedAnnotation(implementation, Supervised.class);
        if (found == null && !implementation.equals(method)) {
            found = AnnotatedElementUtils.findMergedAnnotation(method, Supervised.class);
        }
        if (found == null && !implementation.getDeclaringClass().isInterface()) {
            // Inherited from a class that knows nothing of the interface: only the target class brings the two
            // together.
            Method declared = ClassUtils.getInterfaceMethodIfPossible(implementation, targetClass);
            found = AnnotatedElementUtils.findMergedAnnotation(declared, Supervised.class);
        }
        return found;
    }

    /** The annotation that the class bears or inherits from a superclass or an interface. */
    static @Nullable Supervised onClass(Class<?> targetClass) {
        return AnnotatedElementUtils.findMergedAnnotation(targetClass, Supervised.class);
    }
}
