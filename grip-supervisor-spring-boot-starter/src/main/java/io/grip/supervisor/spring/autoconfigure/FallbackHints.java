package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.aop.FallbackMethods;
import java.lang.reflect.Method;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.util.ClassUtils;

/** The fallbacks of {@code @Supervised} methods, which are looked up by name and called by reflection. */
final class FallbackHints implements BeanRegistrationAotProcessor {

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        Set<Method> fallbacks = FallbackMethods.of(ClassUtils.getUserClass(bean.getBeanClass()));
        return fallbacks.isEmpty()
                ? null
                : (generation, code) -> fallbacks.forEach(fallback ->
                        generation.getRuntimeHints().reflection().registerMethod(fallback, ExecutableMode.INVOKE));
    }
}
