package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What the annotations of one bean amount to: the methods that are supervised, and what keeps others from it. Confined to
 * the thread that makes it.
 */
final class Inspection {

    private final String beanName;
    private final Class<?> targetClass;
    private final ProxyKind proxy;
    private final List<SupervisedMethod> methods = new ArrayList<>();
    private final List<SupervisionConfigurationException> problems = new ArrayList<>();
    private final List<SupervisionConfigurationException> fatal = new ArrayList<>();

    private Inspection(String beanName, Class<?> targetClass, ProxyKind proxy) {
        this.beanName = beanName;
        this.targetClass = targetClass;
        this.proxy = proxy;
    }

    /** Of a bean that need not be looked at. */
    static Inspection none() {
        return new Inspection("", Object.class, ProxyKind.UNDECIDED);
    }

    /**
     * Looks at the methods of a bean.
     *
     * @param targetClass its class, without proxies
     * @param proxy what callers will see of it
     */
    static Inspection of(String beanName, Class<?> targetClass, ProxyKind proxy, UnaryOperator<String> placeholders) {
        Inspection inspection = new Inspection(beanName, targetClass, proxy);
        if (AnnotationUtils.isCandidateClass(targetClass, Supervised.class)) {
            Supervised onClass = Annotations.onClass(targetClass);
            for (Method method : methodsOf(targetClass)) {
                inspection.inspect(method, onClass, placeholders);
            }
        }
        return inspection;
    }

    /** The class of the bean, without proxies. */
    Class<?> targetClass() {
        return targetClass;
    }

    /** The methods that are supervised. */
    List<SupervisedMethod> methods() {
        return methods;
    }

    /** What the application could live with. */
    List<SupervisionConfigurationException> problems() {
        return problems;
    }

    /** What has no meaning at all. */
    List<SupervisionConfigurationException> fatal() {
        return fatal;
    }

    /** Adds that the bean, as it turned out, has no proxy that supervises. */
    void addNotSupervised() {
        problems.add(problem(
                "The bean has @Supervised methods, but no proxy that supervises them: it was created too early, or is"
                        + " excluded from proxying.",
                methods.get(0).method(),
                "Let no BeanPostProcessor, BeanFactoryPostProcessor or advisor depend on it, or only through an"
                        + " ObjectProvider; declare the method that makes such a bean static."));
    }

    private static List<Method> methodsOf(Class<?> targetClass) {
        try {
            Stream<Method> all = Proxy.isProxyClass(targetClass)
                    ? Arrays.stream(targetClass.getInterfaces()).flatMap(type -> Arrays.stream(type.getMethods()))
                    : Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(targetClass));
            return all.filter(method -> !method.isSynthetic() && !ReflectionUtils.isObjectMethod(method))
                    .sorted(Comparator.comparing(Method::toString))
                    .toList();
        } catch (IllegalStateException | LinkageError unreadable) {
            // A signature names a class that is not there: nobody can make such a bean, or call that method.
            return List.of();
        }
    }

    private void inspect(Method method, @Nullable Supervised onClass, UnaryOperator<String> placeholders) {
        Supervised onMethod = Annotations.onMethod(method, targetClass);
        Supervised nearest = onMethod != null ? onMethod : onClass;
        if (nearest == null) {
            return;
        }
        SupervisionConfigurationException unreachable = unreachable(method);
        if (unreachable == null) {
            read(nearest, method, placeholders);
        } else if (onMethod != null || isOverlookedOnClass(method)) {
            problems.add(unreachable);
        }
    }

    /** An annotation on a class means what callers see of it: not its private and static methods, but its final ones. */
    private static boolean isOverlookedOnClass(Method method) {
        return Modifier.isFinal(method.getModifiers())
                && !Modifier.isPrivate(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && Annotations.onClass(method.getDeclaringClass()) != null;
    }

    private void read(Supervised annotation, Method method, UnaryOperator<String> placeholders) {
        try {
            methods.add(SupervisedMethod.read(
                    annotation,
                    method,
                    targetClass,
                    placeholders,
                    problem -> problems.add(problem(problem.what(), method, problem.action()))));
        } catch (SupervisionConfigurationException meaningless) {
            fatal.add(problem(meaningless.what(), method, meaningless.action()));
        }
    }

    private @Nullable SupervisionConfigurationException unreachable(Method method) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers)) {
            return problem(
                    "@Supervised on a private method: no proxy can stand before it.",
                    method,
                    "Make it public, and call it from another bean.");
        }
        if (Modifier.isStatic(modifiers)) {
            return problem(
                    "@Supervised on a static method: no proxy can stand before it.",
                    method,
                    "Make it an instance method, and call it on the bean.");
        }
        if (proxy == ProxyKind.CLASS && Modifier.isFinal(modifiers)) {
            return problem(
                    "@Supervised on a final method: a class proxy cannot override it, and a call would run on the proxy,"
                            + " whose fields are null.",
                    method,
                    "Remove 'final' (in Kotlin, declare it open).");
        }
        if (proxy == ProxyKind.INTERFACES && !isInInterface(method)) {
            return problem(
                    "@Supervised on a method that is in none of the interfaces of its class, while the bean has a proxy of"
                            + " these interfaces only.",
                    method,
                    "Declare the method in an interface, or remove spring.aop.proxy-target-class=false.");
        }
        return null;
    }

    private boolean isInInterface(Method method) {
        return ClassUtils.getInterfaceMethodIfPossible(method, targetClass)
                .getDeclaringClass()
                .isInterface();
    }

    SupervisionConfigurationException problem(String what, Method method, String action) {
        return new SupervisionConfigurationException(what, where(method), action);
    }

    /** A method of the bean, as an analysis shows it. */
    String where(Method method) {
        return "Method: " + Where.of(method, targetClass) + "\nBean: " + beanName;
    }

    /** A method of the bean, within a sentence. */
    String place(Method method) {
        return Where.of(method, targetClass) + " of bean '" + beanName + "'";
    }

    /** The bean, within a sentence. */
    String place() {
        return "bean '" + beanName + "' (" + targetClass.getName() + ")";
    }
}
