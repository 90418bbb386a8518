package io.grip.supervisor.spring.worker;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.spring.SupervisedWorker;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/** The workers of one application context, as its bean definitions have them; no bean is made to find them. */
public final class WorkerBeans {

    private final ConfigurableListableBeanFactory beans;

    /** Those of a context; its parents have their own. */
    public WorkerBeans(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Whether there are any. */
    public boolean isEmpty() {
        return names().noneMatch(name -> isWorker(name) || !methods(name).isEmpty());
    }

    /**
     * All of them by name, in the order in which their beans were defined.
     *
     * @throws SupervisionConfigurationException if one cannot be called, or two have one name
     */
    public Map<String, WorkerBean> byName() {
        Map<String, WorkerBean> workers = new LinkedHashMap<>();
        names().flatMap(this::workersOf).forEach(worker -> {
            WorkerBean other = workers.putIfAbsent(worker.name(), worker);
            if (other != null) {
                throw new SupervisionConfigurationException(
                        "Two workers are called '" + worker.name() + "'.",
                        other.place() + "\n" + worker.place(),
                        "Give one of them another name: @SupervisedWorker(name = \"...\").");
            }
        });
        return workers;
    }

    private Stream<String> names() {
        return Stream.of(beans.getBeanDefinitionNames())
                .filter(name -> !WorkerMethods.isBehindScopedProxy(name)
                        && !beans.getBeanDefinition(name).isAbstract());
    }

    private Stream<WorkerBean> workersOf(String bean) {
        Stream<WorkerBean> itself = isWorker(bean) ? Stream.of(ofBean(bean)) : Stream.empty();
        return Stream.concat(itself, methods(bean).stream().map(method -> ofMethod(bean, method)));
    }

    private boolean isWorker(String bean) {
        return beans.isTypeMatch(bean, Worker.class) && !WorkerBean.class.equals(beans.getType(bean, false));
    }

    private List<Method> methods(String bean) {
        Class<?> type = beans.getType(bean, false);
        return type == null ? List.of() : WorkerMethods.of(ClassUtils.getUserClass(type));
    }

    private WorkerBean ofBean(String bean) {
        SupervisedWorker annotation = beans.findAnnotationOnBean(bean, SupervisedWorker.class, false);
        return worker(bean, null, annotation, bean);
    }

    private WorkerBean ofMethod(String bean, Method method) {
        SupervisedWorker annotation = AnnotatedElementUtils.findMergedAnnotation(method, SupervisedWorker.class);
        WorkerBean worker = worker(bean, method, annotation, bean + "." + method.getName());
        String complaint = complaint(method);
        if (complaint != null) {
            throw new SupervisionConfigurationException(
                    "@SupervisedWorker on a method that " + complaint + ".",
                    worker.place(),
                    "Make it one that is neither private nor static, returns nothing, and takes nothing or a "
                            + WorkerContext.class.getSimpleName() + ".");
        }
        return worker;
    }

    private static @Nullable String complaint(Method method) {
        if (Modifier.isPrivate(method.getModifiers()) || Modifier.isStatic(method.getModifiers())) {
            return "is " + (Modifier.isStatic(method.getModifiers()) ? "static" : "private");
        }
        if (method.getReturnType() != void.class) {
            return "returns " + method.getReturnType().getSimpleName()
                    + ": nobody would look at it, and work that goes on after the return would not be supervised";
        }
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length == 0 || parameters.length == 1 && parameters[0] == WorkerContext.class
                ? null
                : "takes something else than a " + WorkerContext.class.getSimpleName();
    }

    private WorkerBean worker(
            String bean, @Nullable Method method, @Nullable SupervisedWorker annotation, String defaultName) {
        if (annotation == null) {
            return new WorkerBean(beans, bean, method, defaultName, WorkerBean.Declared.NOTHING);
        }
        String name = resolved(annotation.name());
        WorkerBean worker = new WorkerBean(
                beans,
                bean,
                method,
                name.isEmpty() ? defaultName : name,
                new WorkerBean.Declared(
                        annotation.optional(),
                        annotation.awaitReady(),
                        heartbeat(resolved(annotation.heartbeat()), bean, method),
                        Optional.of(annotation.restart()).filter(policy -> policy != RestartPolicy.ALWAYS)));
        if (worker.name().isBlank() || worker.name().indexOf('/') >= 0) {
            throw new SupervisionConfigurationException(
                    "The name of a worker must not be blank nor contain '/', which separates the parts of a path, but is '"
                            + worker.name() + "'.",
                    worker.place(),
                    "Choose another name.");
        }
        return worker;
    }

    private static Optional<Duration> heartbeat(String text, String bean, @Nullable Method method) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Duration span = DurationStyle.detectAndParse(text);
            if (!span.isZero() && !span.isNegative()) {
                return Optional.of(span);
            }
        } catch (IllegalArgumentException unreadable) {
            // Told below, with the place.
        }
        throw new SupervisionConfigurationException(
                "The heartbeat of @SupervisedWorker must be a duration of more than zero, such as 30s, but is '" + text
                        + "'.",
                "bean '" + bean + "'" + (method == null ? "" : ", method " + method.getName()),
                "Correct the value.");
    }

    private String resolved(String text) {
        String value = beans.resolveEmbeddedValue(text);
        return value == null ? "" : value;
    }
}
