package io.grip.supervisor.spring.aop;

import io.grip.supervisor.execution.DeadlineExceededException;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.util.ReflectionUtils;

/**
 * The method that answers for a supervised one where supervision ended without a value. Immutable.
 *
 * @param method the method, made accessible
 * @param takesCause whether its last parameter is the failure
 */
record Fallback(Method method, boolean takesCause) {

    /**
     * Finds the fallback of a method: of the name, with the same parameters and then optionally a {@code Throwable}, and
     * a return type that the method may return. One that takes the {@code Throwable} goes before one that does not.
     *
     * @throws SupervisionConfigurationException if there is none
     */
    static Fallback find(String name, Method supervised, Class<?> targetClass) {
        List<Method> named = methodsNamed(name, supervised, targetClass);
        ResolvableType[] parameters = parameters(supervised, targetClass);
        for (boolean takesCause : new boolean[] {true, false}) {
            for (Method candidate : named) {
                if (!candidate.equals(supervised) && accepts(candidate, parameters, takesCause, targetClass)) {
                    return checked(candidate, takesCause, supervised, targetClass);
                }
            }
        }
        throw noneMatches(name, supervised, targetClass, named);
    }

    /** Whether a fallback answers for this result: a failure of the method, a rejection, the deadline, nothing else. */
    static boolean answersFor(Result<?> result) {
        return switch (result.failure()) {
            case HANDLER_ERROR, REJECTED -> true;
            case CONTEXT_CANCELLED -> result.cause() instanceof DeadlineExceededException;
            case NONE, PANIC, SHUTDOWN -> false;
        };
    }

    /**
     * Calls the fallback, on the target itself, with the arguments of the supervised call.
     *
     * @param cause why there is no value
     * @throws Throwable what it throws, the very object
     */
    @Nullable
    Object answer(MethodInvocation supervised, Throwable cause) throws Throwable {
        @Nullable Object[] arguments = supervised.getArguments();
        if (takesCause) {
            arguments = Arrays.copyOf(arguments, arguments.length + 1);
            arguments[arguments.length - 1] = cause;
        }
        try {
            return method.invoke(supervised.getThis(), arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }

    private static Fallback checked(Method candidate, boolean takesCause, Method supervised, Class<?> targetClass) {
        ResolvableType wanted = ResolvableType.forMethodReturnType(supervised, targetClass);
        ResolvableType offered = ResolvableType.forMethodReturnType(candidate, targetClass);
        if (!returns(offered, wanted)) {
            throw new SupervisionConfigurationException(
                    "The fallback " + Where.signature(candidate) + " returns " + offered + ", which "
                            + supervised.getName() + " may not return: it returns " + wanted + ".",
                    "Method: " + Where.of(supervised, targetClass),
                    "Let " + candidate.getName() + " return " + wanted + ".");
        }
        ReflectionUtils.makeAccessible(candidate);
        return new Fallback(candidate, takesCause);
    }

    private static boolean returns(ResolvableType offered, ResolvableType wanted) {
        Class<?> erased = wanted.resolve(Object.class);
        boolean fits = erased.isAssignableFrom(offered.resolve(Object.class));
        // Type variables of two methods are never the same, so they cannot be compared beyond their erasure.
        return wanted.hasUnresolvableGenerics() || offered.hasUnresolvableGenerics()
                ? fits
                : fits && wanted.isAssignableFrom(offered);
    }

    private static boolean accepts(
            Method candidate, ResolvableType[] parameters, boolean takesCause, Class<?> targetClass) {
        ResolvableType[] own = parameters(candidate, targetClass);
        if (own.length != parameters.length + (takesCause ? 1 : 0)) {
            return false;
        }
        for (int i = 0; i < parameters.length; i++) {
            if (!own[i].resolve(Object.class).isAssignableFrom(parameters[i].resolve(Object.class))) {
                return false;
            }
        }
        return !takesCause || own[parameters.length].resolve(Object.class) == Throwable.class;
    }

    private static ResolvableType[] parameters(Method method, Class<?> targetClass) {
        ResolvableType[] types = new ResolvableType[method.getParameterCount()];
        Arrays.setAll(types, i -> ResolvableType.forMethodParameter(method, i, targetClass));
        return types;
    }

    private static List<Method> methodsNamed(String name, Method supervised, Class<?> targetClass) {
        return candidates(supervised, targetClass).stream()
                .filter(method -> method.getName().equals(name) && !method.isBridge())
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The methods of the class as the user wrote it, subclasses first, default methods of interfaces included. */
    private static List<Method> candidates(Method supervised, Class<?> targetClass) {
        return Proxy.isProxyClass(targetClass)
                ? Arrays.stream(targetClass.getInterfaces())
                        .flatMap(type -> Arrays.stream(type.getMethods()))
                        .toList()
                : List.of(ReflectionUtils.getAllDeclaredMethods(Where.owner(supervised, targetClass)));
    }

    private static SupervisionConfigurationException noneMatches(
            String name, Method supervised, Class<?> targetClass, List<Method> named) {
        String wanted = supervised.getReturnType().getSimpleName() + " " + name
                + Where.parameters(supervised.getParameterTypes());
        return new SupervisionConfigurationException(
                "There is no method to be the fallback '" + name + "' of " + Where.signature(supervised) + ": "
                        + rejected(named, supervised, targetClass),
                "Method: " + Where.of(supervised, targetClass),
                "Declare " + wanted + " in "
                        + Where.owner(supervised, targetClass).getName()
                        + ", if you like with a last parameter of type Throwable, or correct the name.");
    }

    private static String rejected(List<Method> named, Method supervised, Class<?> targetClass) {
        if (!named.isEmpty()) {
            return named.stream().map(Where::signature).distinct().collect(Collectors.joining(" and "))
                    + " takes other parameters.";
        }
        String others = Arrays.stream(Where.owner(supervised, targetClass).getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return "the class declares the methods " + others + ".";
    }
}
