package io.grip.supervisor.spring.worker;

import io.grip.supervisor.spring.SupervisedWorker;
import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;

/** The methods of a class that are workers. */
public final class WorkerMethods {

    private WorkerMethods() {}

    /** Those that bear {@link SupervisedWorker}, in the order of their names; not those that make beans. */
    public static List<Method> of(Class<?> type) {
        if (!AnnotationUtils.isCandidateClass(type, SupervisedWorker.class)) {
            return List.of();
        }
        return MethodIntrospector.selectMethods(type, WorkerMethods::isWorker).stream()
                .sorted(Comparator.comparing(Method::getName).thenComparing(Method::getParameterCount))
                .toList();
    }

    private static boolean isWorker(Method method) {
        return AnnotatedElementUtils.hasAnnotation(method, SupervisedWorker.class)
                && !AnnotatedElementUtils.hasAnnotation(method, Bean.class);
    }

    static boolean isBehindScopedProxy(String bean) {
        return ScopedProxyUtils.isScopedTarget(bean);
    }
}
