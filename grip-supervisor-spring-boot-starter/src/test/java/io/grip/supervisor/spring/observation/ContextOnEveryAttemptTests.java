package io.grip.supervisor.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.spring.observation.Shop.Way;
import io.micrometer.context.ContextRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;
import org.springframework.core.task.AsyncTaskExecutor;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What the caller carries is there on every attempt: logging context, observation, and what the user has registered. */
class ContextOnEveryAttemptTests {

    private static final String KEY = "tenant";
    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

    private final ObservationRegistry registry = ObservationRegistry.create();
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());

    /** What one attempt has found. */
    private record Seen(@Nullable String order, @Nullable String tenant, List<String> observations, Thread thread) {}

    ContextOnEveryAttemptTests() {
        registry.observationConfig().observationHandler(context -> true);
    }

    @BeforeEach
    void carry() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, TENANT);
    }

    @AfterEach
    void forget() {
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        TENANT.remove();
        MDC.clear();
    }

    /** Looks, and fails but for the third time. */
    private String attempt() {
        List<String> observations = new ArrayList<>();
        for (ObservationView view = registry.getCurrentObservation();
                view != null;
                view = view.getContextView().getParentObservation()) {
            observations.add(view.getContextView().getName());
        }
        seen.add(new Seen(MDC.get("order"), TENANT.get(), observations, Thread.currentThread()));
        if (seen.size() < 3) {
            throw new IllegalStateException("attempt " + seen.size());
        }
        return "value";
    }

    private void inShop(boolean observed, Consumer<Shop> body) {
        TestShop.runner()
                .withBean(ObservationRegistry.class, () -> registry)
                .withPropertyValues("grip.supervisor.observation.enabled=" + observed)
                .run(context -> body.accept(context.getBean(Shop.class)));
    }

    private void asCaller(Callable<?> call) {
        MDC.put("order", "42");
        TENANT.set("acme");
        Observation outer = Observation.start("outer", registry);
        try (Observation.Scope scope = outer.openScope()) {
            call.call();
            assertThat(registry.getCurrentObservationScope()).isSameAs(scope);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
        assertThat(registry.getCurrentObservation()).isNull();
        assertThat(MDC.get("order")).isEqualTo("42");
        assertThat(TENANT.get()).isEqualTo("acme");
    }

    private void assertThatAllAttemptsSaw(String... observations) {
        assertThat(seen).hasSize(3).allSatisfy(attempt -> {
            assertThat(attempt.order()).isEqualTo("42");
            assertThat(attempt.tenant()).isEqualTo("acme");
            assertThat(attempt.observations()).containsExactly(observations);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatTheCallerCarriesIsThereOnTheThirdAttempt(Way way) {
        inShop(false, shop -> asCaller(() -> way.call(shop, this::attempt)));

        assertThatAllAttemptsSaw("outer");
        assertThat(seen.get(2).thread() == Thread.currentThread()).isEqualTo(way == Way.ON_THE_CALLERS_THREAD);
    }

    @ParameterizedTest
    @EnumSource
    void theObservationOfTheAttemptIsTheCurrentOneOnTheThirdAttemptToo(Way way) {
        inShop(true, shop -> asCaller(() -> way.call(shop, this::attempt)));

        assertThatAllAttemptsSaw("grip.supervisor.attempt", "grip.supervisor.execution", "outer");
    }

    @Test
    void whatTheSubscribersContextHoldsIsThereOnTheThirdAttempt() {
        Observation outer = Observation.start("outer", registry);
        inShop(
                true,
                shop -> shop.mono(this::attempt)
                        .contextWrite(
                                context -> context.put(KEY, "acme").put(ObservationThreadLocalAccessor.KEY, outer))
                        .subscribeOn(Schedulers.single())
                        .block());

        assertThat(seen).hasSize(3).allSatisfy(attempt -> {
            assertThat(attempt.tenant()).isEqualTo("acme");
            assertThat(attempt.observations())
                    .containsExactly("grip.supervisor.attempt", "grip.supervisor.execution", "outer");
        });
        assertThat(Mono.fromCallable(() -> String.valueOf(registry.getCurrentObservation()) + TENANT.get())
                        .subscribeOn(Schedulers.single())
                        .block())
                .isEqualTo("nullnull");
    }

    @Test
    void whatTheMethodReturnsSeesTheObservationOfTheAttemptInItsContext() {
        List<String> names = new ArrayList<>();
        Reactive reactive = new Reactive(names);
        TestShop.runner()
                .withBean(ObservationRegistry.class, () -> registry)
                .withBean(Reactive.class, () -> reactive)
                .withPropertyValues("grip.supervisor.observation.enabled=true")
                .run(context -> context.getBean(Reactive.class).next().block());

        assertThat(names)
                .containsExactly("grip.supervisor.attempt", "grip.supervisor.attempt", "grip.supervisor.attempt");
    }

    static class Reactive {

        private final List<String> names;

        Reactive(List<String> names) {
            this.names = names;
        }

        @Supervised("shop")
        Mono<String> next() {
            return Mono.deferContextual(context -> {
                Observation current = context.get(ObservationThreadLocalAccessor.KEY);
                names.add(current.getContext().getName());
                return names.size() < 3 ? Mono.error(new IllegalStateException()) : Mono.just("value");
            });
        }
    }

    @Test
    void theCallersLoggingContextDoesNotStayOnAnotherThread() {
        List<String> after = Collections.synchronizedList(new ArrayList<>());
        TestShop.runner()
                .withPropertyValues("spring.task.execution.pool.core-size=1")
                .run(context -> {
                    asCaller(() -> Way.STAGE.call(context.getBean(Shop.class), this::attempt));
                    context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
                            .submit(() -> after.add(MDC.get("order") + TENANT.get() + registry.getCurrentObservation()))
                            .get();
                });

        assertThat(after).containsExactly("nullnullnull");
        assertThat(seen.get(2).thread()).isNotSameAs(Thread.currentThread());
    }
}
