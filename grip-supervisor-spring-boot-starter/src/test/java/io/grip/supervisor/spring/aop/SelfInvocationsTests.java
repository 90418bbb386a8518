package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import io.grip.supervisor.spring.Supervised;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelfInvocationsTests {

    @Test
    void findsCallsReferencesAndCallsInLambdas() {
        assertThat(in(Caller.class)).containsExactly("direct calls pay", "lambda calls pay", "reference calls pay");
    }

    @Test
    void findsCallsInASuperclassAndOfInheritedMethods() {
        assertThat(in(Sub.class)).containsExactly("ofBase calls pay", "ofSub calls pay");
    }

    @Test
    void findsAMethodThatCallsItself() {
        assertThat(in(Recursive.class)).containsExactly("pay calls pay");
    }

    @Test
    void givesCallsOnAnotherObjectTheBenefitOfTheDoubt() {
        assertThat(in(OnAnother.class)).isEmpty();
    }

    private static Set<String> in(Class<?> type) {
        List<SupervisedMethod> methods =
                Inspection.of("bean", type, ProxyKind.CLASS, text -> text).methods();
        assertThat(methods).isNotEmpty();
        return SelfInvocations.in(type, methods);
    }

    static class Caller {

        @Supervised
        public int pay(int order) {
            return order;
        }

        public int direct() {
            return pay(1);
        }

        public int lambda() {
            return IntStream.range(0, 2).map(order -> pay(order)).sum();
        }

        public IntFunction<Integer> reference() {
            return this::pay;
        }

        public int none() {
            return free();
        }

        public int free() {
            return 0;
        }
    }

    static class Base {

        @Supervised
        public void pay() {}

        public void ofBase() {
            pay();
        }
    }

    static class Sub extends Base {

        public void ofSub() {
            pay();
        }
    }

    static class Recursive {

        @Supervised
        public int pay(int times) {
            return times == 0 ? 0 : pay(times - 1);
        }
    }

    static class OnAnother {

        private OnAnother self;

        @Supervised
        public void pay() {}

        public void injected() {
            self.pay();
        }

        public void argument(OnAnother other) {
            other.pay();
        }

        public void returned() {
            self().pay();
        }

        public void made() {
            new OnAnother().pay();
        }

        public void cast(Object proxy) {
            ((OnAnother) proxy).pay();
        }

        static void ofClass(OnAnother other) {
            other.pay();
        }

        private OnAnother self() {
            return self;
        }
    }
}
