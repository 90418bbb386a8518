package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotationUtils;

/** Matches the methods that a {@link Supervised} applies to. Safe for use by any thread. */
final class SupervisedPointcut extends StaticMethodMatcherPointcut {

    /** The few that match; those that do not are asked about while proxies are made, and not again. */
    private final Set<MethodClassKey> matched = ConcurrentHashMap.newKeySet();

    SupervisedPointcut() {
        setClassFilter(type -> AnnotationUtils.isCandidateClass(type, Supervised.class));
    }

    @Override
    public boolean matches(Method method, Class<?> targetClass) {
        MethodClassKey key = new MethodClassKey(method, targetClass);
        if (matched.contains(key)) {
            return true;
        }
        boolean matches = Annotations.find(method, targetClass) != null;
        if (matches) {
            matched.add(key);
        }
        return matches;
    }
}
