package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import java.lang.reflect.Method;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.annotation.AnnotationUtils;

/** Matches the methods that a {@link Supervised} applies to. Stateless. */
final class SupervisedPointcut extends StaticMethodMatcherPointcut {

    SupervisedPointcut() {
        setClassFilter(type -> AnnotationUtils.isCandidateClass(type, Supervised.class));
    }

    @Override
    public boolean matches(Method method, Class<?> targetClass) {
        return Annotations.find(method, targetClass) != null;
    }
}
