package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.StubMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.ParallelFlux;

class ReturnKindTests {

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "text", "number", "list", "optional", "anything"})
    void takesPlainValuesAndNothingAsThereOnReturn(String method) {
        assertThat(kind(Methods.class, method)).isEqualTo(ReturnKind.VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stage", "completable"})
    void knowsStages(String method) {
        assertThat(kind(Methods.class, method)).isEqualTo(ReturnKind.STAGE);
    }

    @Test
    void knowsReactor() {
        assertThat(kind(Methods.class, "mono")).isEqualTo(ReturnKind.MONO);
        assertThat(kind(Methods.class, "flux")).isEqualTo(ReturnKind.FLUX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "future",
                "task",
                "ownStage",
                "publisher",
                "flowPublisher",
                "parallel",
                "callable",
                "deferred",
                "asyncTask"
            })
    void refusesWhatEndsLaterInItsOwnWay(String method) {
        assertThat(kind(Methods.class, method)).isEqualTo(ReturnKind.UNSUPERVISABLE);
    }

    @Test
    void refusesSuspendingFunctionsOfKotlin() {
        Class<?> continuation = load(
                new ByteBuddy()
                        .makeInterface()
                        .name("kotlin.coroutines.Continuation")
                        .make(),
                getClass());
        DynamicType.Unloaded<?> made = new ByteBuddy()
                .subclass(Object.class)
                .defineMethod("suspending", Object.class, Visibility.PUBLIC)
                .withParameters(String.class, continuation)
                .intercept(StubMethod.INSTANCE)
                .make();
        Class<?> suspending = load(made, continuation);

        assertThat(ReturnKind.isSuspending(suspending.getDeclaredMethods()[0])).isTrue();
        assertThat(kind(suspending, "suspending")).isEqualTo(ReturnKind.UNSUPERVISABLE);
    }

    @Test
    void resolvesTypeVariables() {
        assertThat(kind(OfMono.class, "generic")).isEqualTo(ReturnKind.MONO);
        assertThat(kind(OfFuture.class, "generic")).isEqualTo(ReturnKind.UNSUPERVISABLE);
    }

    private static Class<?> load(DynamicType.Unloaded<?> made, Class<?> neighbour) {
        return made.load(neighbour.getClassLoader()).getLoaded();
    }

    private static ReturnKind kind(Class<?> type, String name) {
        return ReturnKind.of(
                Arrays.stream(type.getMethods())
                        .filter(method -> method.getName().equals(name))
                        .findFirst()
                        .orElseThrow(),
                type);
    }

    abstract static class Generic<T> {

        public abstract T unused();

        public T generic() {
            return unused();
        }
    }

    abstract static class OfMono extends Generic<Mono<String>> {}

    abstract static class OfFuture extends Generic<Future<String>> {}

    static class OwnStage extends CompletableFuture<String> {}

    interface Methods {

        void nothing();

        String text();

        int number();

        List<String> list();

        Optional<String> optional();

        Object anything();

        CompletionStage<String> stage();

        CompletableFuture<String> completable();

        Mono<String> mono();

        Flux<String> flux();

        Future<String> future();

        FutureTask<String> task();

        OwnStage ownStage();

        Publisher<String> publisher();

        Flow.Publisher<String> flowPublisher();

        ParallelFlux<String> parallel();

        Callable<String> callable();

        DeferredResult<String> deferred();

        WebAsyncTask<String> asyncTask();
    }
}
