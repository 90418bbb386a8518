package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.spring.worker.WorkerMethods;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.util.ClassUtils;

/** The {@code @SupervisedWorker} methods, which are called by reflection. */
final class WorkerMethodHints implements BeanRegistrationAotProcessor {

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        List<Method> workers = WorkerMethods.of(ClassUtils.getUserClass(bean.getBeanClass()));
        return workers.isEmpty()
                ? null
                : (generation, code) -> workers.forEach(worker ->
                        generation.getRuntimeHints().reflection().registerMethod(worker, ExecutableMode.INVOKE));
    }
}
