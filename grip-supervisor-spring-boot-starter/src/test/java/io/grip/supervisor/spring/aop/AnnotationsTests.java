package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.Supervised;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AliasFor;

class AnnotationsTests {

    @Test
    void findsOneOnTheMethodOfAClass() {
        assertThat(policy(OnMethod.class, "call")).isEqualTo("method");
    }

    @Test
    void findsNoneWhereThereIsNone() {
        assertThat(policy(OnMethod.class, "other")).isNull();
    }

    @Test
    void findsOneOnAnInheritedMethod() {
        assertThat(policy(Inherits.class, "call")).isEqualTo("method");
    }

    @Test
    void findsOneOnAMethodThatIsOverriddenWithoutIt() {
        assertThat(policy(Overrides.class, "call")).isEqualTo("method");
    }

    @Test
    void findsOneOnTheMethodOfAnInterfaceFromEitherSide() {
        assertThat(policy(OfInterface.class, "call")).isEqualTo("interface");
        assertThat(Annotations.find(method(OnInterfaceMethod.class, "call"), OfInterface.class))
                .isNotNull();
    }

    @Test
    void findsOneOnTheMethodOfAnInterfaceThatASuperclassImplementsWithoutKnowing() {
        assertThat(policy(BroughtTogether.class, "call")).isEqualTo("interface");
    }

    @Test
    void findsOneOnAGenericMethodAndOnItsBridge() {
        List<Method> both = Arrays.stream(OfGenericInterface.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("call"))
                .toList();

        assertThat(both).hasSize(2).allMatch(method -> Annotations.find(method, OfGenericInterface.class) != null);
        assertThat(Annotations.find(method(GenericInterface.class, "call"), OfGenericInterface.class))
                .isNotNull();
    }

    @Test
    void findsOneBehindAnotherAnnotationWithItsAliases() {
        Supervised found = Annotations.find(method(Meta.class, "call"), Meta.class);

        assertThat(found.policy()).isEqualTo("aliased");
        assertThat(found.value()).isEqualTo("aliased");
        assertThat(found.fallback()).isEqualTo("instead");
    }

    @Test
    void findsOneOnTheClassItsSuperclassAndItsInterface() {
        assertThat(policy(OnClass.class, "call")).isEqualTo("class");
        assertThat(policy(ExtendsOnClass.class, "added")).isEqualTo("class");
        assertThat(policy(OfInterfaceType.class, "call")).isEqualTo("type");
        assertThat(policy(MetaOnClass.class, "call")).isEqualTo("aliased");
    }

    @Test
    void prefersTheOneOnTheMethodToTheOneOnTheClass() {
        assertThat(policy(OnClass.class, "own")).isEqualTo("own");
    }

    @Test
    void findsTheOnesOfInterfacesOnABeanThatIsNothingButAProxy() {
        Object proxy = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {OnInterfaceMethod.class}, (of, method, arguments) -> null);

        assertThat(Annotations.find(method(OnInterfaceMethod.class, "call"), proxy.getClass())
                        .policy())
                .isEqualTo("interface");
    }

    @Test
    void leavesTheMethodsOfObjectAlone() {
        for (Method method : Object.class.getDeclaredMethods()) {
            assertThat(Annotations.find(method, OnClass.class))
                    .as(method.toString())
                    .isNull();
        }
    }

    private static @Nullable String policy(Class<?> type, String name) {
        Supervised found = Annotations.find(method(type, name), type);
        return found == null ? null : found.policy();
    }

    private static Method method(Class<?> type, String name) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name) && !method.isBridge())
                .findFirst()
                .orElseThrow();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @Supervised(fallback = "instead")
    @interface Careful {

        @AliasFor(annotation = Supervised.class, attribute = "policy")
        String value();
    }

    static class OnMethod {

        @Supervised("method")
        public void call() {}

        public void other() {}
    }

    static class Inherits extends OnMethod {}

    static class Overrides extends OnMethod {

        @Override
        public void call() {}
    }

    interface OnInterfaceMethod {

        @Supervised("interface")
        void call();
    }

    static class OfInterface implements OnInterfaceMethod {

        @Override
        public void call() {}
    }

    static class KnowsNothing {

        public void call() {}
    }

    static class BroughtTogether extends KnowsNothing implements OnInterfaceMethod {}

    interface GenericInterface<T> {

        @Supervised("generic")
        T call(T argument);
    }

    static class OfGenericInterface implements GenericInterface<String> {

        @Override
        public String call(String argument) {
            return argument;
        }
    }

    static class Meta {

        @Careful("aliased")
        public void call() {}
    }

    @Careful("aliased")
    static class MetaOnClass {

        public void call() {}
    }

    @Supervised("class")
    static class OnClass {

        public void call() {}

        @Supervised("own")
        public void own() {}
    }

    static class ExtendsOnClass extends OnClass {

        public void added() {}
    }

    @Supervised("type")
    interface InterfaceType {

        void call();
    }

    static class OfInterfaceType implements InterfaceType {

        @Override
        public void call() {}
    }
}
