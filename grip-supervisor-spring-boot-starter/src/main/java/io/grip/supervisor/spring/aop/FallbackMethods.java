package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/** The methods of a class that nobody calls but supervision, for those who build an application ahead of time. */
public final class FallbackMethods {

    private FallbackMethods() {}

    /**
     * The fallbacks of the supervised methods of a class.
     *
     * @param targetClass the class of a bean, without its proxy
     */
    public static Set<Method> of(Class<?> targetClass) {
        return AnnotationUtils.isCandidateClass(targetClass, Supervised.class)
                ? Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(targetClass))
                        .flatMap(method -> fallback(method, targetClass))
                        .collect(Collectors.toUnmodifiableSet())
                : Set.of();
    }

    private static Stream<Method> fallback(Method method, Class<?> targetClass) {
        Supervised annotation = Annotations.find(method, targetClass);
        if (annotation == null || !StringUtils.hasText(annotation.fallback())) {
            return Stream.empty();
        }
        try {
            Method implementation = AopUtils.getMostSpecificMethod(method, targetClass);
            return Stream.of(Fallback.find(annotation.fallback(), implementation, targetClass)
                    .method());
        } catch (SupervisionConfigurationException noneMatches) {
            // Told at the start, where the checks may say that nobody minds.
            return Stream.empty();
        }
    }
}
