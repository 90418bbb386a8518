package io.grip.supervisor.spring.aop;

import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/** How a method hands over its outcome, by its declared return type. */
enum ReturnKind {
    /** When it returns: plain values and nothing. */
    VALUE,
    /** {@link CompletionStage} or {@link CompletableFuture}, these very types. */
    STAGE,
    /** Reactor's {@code Mono}. */
    MONO,
    /** Reactor's {@code Flux}. */
    FLUX,
    /** After it has returned, in a way that nobody can supervise honestly. */
    UNSUPERVISABLE;

    private static final String MONO_TYPE = "reactor.core.publisher.Mono";
    private static final String FLUX_TYPE = "reactor.core.publisher.Flux";
    private static final String CONTINUATION = "kotlin.coroutines.Continuation";

    /** What is called, completed or subscribed to by others, after the method has returned; by name, for they are optional. */
    private static final List<String> LATER = List.of(
            "org.reactivestreams.Publisher",
            "org.springframework.web.context.request.async.DeferredResult",
            "org.springframework.web.context.request.async.WebAsyncTask",
            "org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter",
            "org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody");

    /** The kind of a method, as its class has it: type variables are resolved. */
    static ReturnKind of(Method method, Class<?> targetClass) {
        Class<?> type = type(method, targetClass);
        if (isSuspending(method)) {
            return UNSUPERVISABLE;
        }
        if (type == CompletionStage.class || type == CompletableFuture.class) {
            return STAGE;
        }
        if (type.getName().equals(MONO_TYPE)) {
            return MONO;
        }
        if (type.getName().equals(FLUX_TYPE)) {
            return FLUX;
        }
        return endsLater(type) ? UNSUPERVISABLE : VALUE;
    }

    /** Whether the method is a suspending function of Kotlin. */
    static boolean isSuspending(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length > 0
                && parameters[parameters.length - 1].getName().equals(CONTINUATION);
    }

    /** The declared return type with its type variables resolved. */
    static Class<?> type(Method method, Class<?> targetClass) {
        return ResolvableType.forMethodReturnType(method, targetClass).resolve(Object.class);
    }

    /** Whether work of this type goes on, or only begins, once the method that returned it is over. */
    static boolean endsLater(Class<?> type) {
        return Future.class.isAssignableFrom(type)
                || CompletionStage.class.isAssignableFrom(type)
                || Callable.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null
                || LATER.stream().anyMatch(name -> isA(type, name));
    }

    private static boolean isA(Class<?> type, String name) {
        Class<?> known = optionalClass(name, type.getClassLoader());
        return known != null && known.isAssignableFrom(type);
    }

    private static @Nullable Class<?> optionalClass(String name, @Nullable ClassLoader loader) {
        if (loader == null || !ClassUtils.isPresent(name, loader)) {
            return null;
        }
        return ClassUtils.resolveClassName(name, loader);
    }
}
