package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grip.supervisor.spring.SupervisionConfigurationException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FallbackTests {

    @Test
    void takesTheParametersOfTheMethod() {
        Fallback found = find(Shop.class, "pay", "same");

        assertThat(found.method().getName()).isEqualTo("same");
        assertThat(found.takesCause()).isFalse();
    }

    @Test
    void prefersTheOneThatTakesTheCauseToo() {
        Fallback found = find(Shop.class, "pay", "both");

        assertThat(found.takesCause()).isTrue();
        assertThat(found.method().getParameterCount()).isEqualTo(3);
    }

    @Test
    void mayBePrivateStaticInheritedOrADefaultMethodOfAnInterface() {
        assertThat(find(Shop.class, "pay", "hidden").method().canAccess(new Shop()))
                .isTrue();
        assertThat(find(Shop.class, "pay", "ofClass")).isNotNull();
        assertThat(find(Shop.class, "pay", "inherited")).isNotNull();
        assertThat(find(Shop.class, "pay", "ofInterface")).isNotNull();
    }

    @Test
    void mayBeAnOverloadOfTheMethodItself() {
        assertThat(find(Shop.class, "pay", "pay").takesCause()).isTrue();
    }

    @Test
    void mayTakeSupertypesAndReturnASubtype() {
        assertThat(find(Shop.class, "pay", "wide")).isNotNull();
        assertThat(find(Shop.class, "stage", "future")).isNotNull();
    }

    @Test
    void knowsTheTypeVariablesOfTheBeansClass() {
        assertThat(find(OfStrings.class, "convert", "plain")).isNotNull();
        assertThat(find(OfStrings.class, "any", "anyInstead")).isNotNull();
    }

    @Test
    void namesTheMethodsThereAreWhereNoneHasTheName() {
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "pay", "smae"))
                .satisfies(problem -> {
                    assertThat(problem.what())
                            .startsWith("There is no method to be the fallback 'smae' of pay(String, int):"
                                    + " the class declares the methods ")
                            .contains("same");
                    assertThat(problem.where()).isEqualTo("Method: " + Shop.class.getName() + ".pay(String, int)");
                    assertThat(problem.action())
                            .isEqualTo("Declare Integer smae(String, int) in " + Shop.class.getName()
                                    + ", if you like with a last parameter of type Throwable, or correct the name.");
                });
    }

    @Test
    void showsTheParametersWhereTheyDiffer() {
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "pay", "other"))
                .satisfies(
                        problem -> assertThat(problem.what()).endsWith("other(int, String) takes other parameters."));
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "pay", "narrowCause"))
                .satisfies(problem -> assertThat(problem.what())
                        .endsWith("narrowCause(String, int, IllegalStateException) takes other parameters."));
    }

    @Test
    void refusesAReturnTypeThatTheMethodMayNotReturn() {
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "pay", "wrongType"))
                .satisfies(problem -> {
                    assertThat(problem.what())
                            .isEqualTo("The fallback wrongType(String, int) returns java.lang.String, which pay may not"
                                    + " return: it returns java.lang.Integer.");
                    assertThat(problem.action()).isEqualTo("Let wrongType return java.lang.Integer.");
                });
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "pay", "nothing"));
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "stage", "wrongStage"));
        assertThatExceptionOfType(SupervisionConfigurationException.class)
                .isThrownBy(() -> find(Shop.class, "notifyShop", "somethingForNothing"));
    }

    private static Fallback find(Class<?> type, String method, String fallback) {
        Method supervised = Arrays.stream(type.getMethods())
                .filter(candidate -> candidate.getName().equals(method))
                .min((a, b) -> Integer.compare(a.getParameterCount(), b.getParameterCount()))
                .orElseThrow();
        return Fallback.find(fallback, supervised, type);
    }

    interface HasDefault {

        default Integer ofInterface(String order, int amount) {
            return 0;
        }
    }

    static class Base {

        protected Integer inherited(String order, int amount) {
            return 0;
        }
    }

    @SuppressWarnings("unused")
    static class Shop extends Base implements HasDefault {

        public Integer pay(String order, int amount) {
            return amount;
        }

        public Integer pay(String order, int amount, Throwable cause) {
            return 0;
        }

        public Integer same(String order, int amount) {
            return 0;
        }

        public Integer both(String order, int amount) {
            return 0;
        }

        public Integer both(String order, int amount, Throwable cause) {
            return 0;
        }

        private Integer hidden(String order, int amount) {
            return 0;
        }

        static Integer ofClass(String order, int amount) {
            return 0;
        }

        Integer wide(CharSequence order, int amount, Throwable cause) {
            return 0;
        }

        Integer other(int amount, String order) {
            return 0;
        }

        Integer narrowCause(String order, int amount, IllegalStateException cause) {
            return 0;
        }

        String wrongType(String order, int amount) {
            return order;
        }

        void nothing(String order, int amount) {}

        public CompletionStage<String> stage() {
            return CompletableFuture.completedFuture("");
        }

        CompletableFuture<String> future() {
            return CompletableFuture.completedFuture("");
        }

        CompletableFuture<Integer> wrongStage() {
            return CompletableFuture.completedFuture(0);
        }

        public void notifyShop() {}

        String somethingForNothing() {
            return "";
        }
    }

    static class Generic<T> {

        public List<T> convert(T from) {
            return List.of(from);
        }

        public <V> V any(Class<V> type) {
            throw new IllegalStateException();
        }
    }

    @SuppressWarnings("unused")
    static class OfStrings extends Generic<String> {

        List<String> plain(String from) {
            return List.of(from);
        }

        <W> W anyInstead(Class<W> type, Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }
}
