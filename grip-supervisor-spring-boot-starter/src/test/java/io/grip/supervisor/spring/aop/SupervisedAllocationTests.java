package io.grip.supervisor.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.AdmissionPolicy;
import io.grip.supervisor.policy.DeadlinePolicy;
import io.grip.supervisor.spring.Supervised;
import io.grip.supervisor.time.TimeSource;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.IntUnaryOperator;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;

/** What supervision allocates on top of the proxy: exact figures, which a slow machine does not change. */
class SupervisedAllocationTests {

    private static final int CALLS = 20_000;

    /** What a warmed-up loop of calls may allocate on top of them: a compiler's or a class loader's doing, once. */
    private static final double ONCE = 0.5;

    /** A call's attempts, which a compiler may do without. */
    private static final int ATTEMPTS = 24;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Shop shop = new TestSupervisors()
            .with(
                    "limited",
                    TestSupervisors.THREE_ATTEMPTS
                            .withAdmission(AdmissionPolicy.of(64))
                            .withDeadline(DeadlinePolicy.of(Duration.ofMinutes(1))))
            .customized(builder -> builder.hooks(Hooks.none()).time(TimeSource.system()))
            .supervised(new Shop());

    @Test
    void aCallThatSucceedsAllocatesItsAttemptsAndNothingElse() {
        assertThat(bytesOf(shop::call)).isLessThan(bytesOfTheProxy() + ATTEMPTS + ONCE);
    }

    @Test
    void admissionAndADeadlineAllocateNothingMore() {
        assertThat(bytesOf(shop::limited)).isLessThan(bytesOfTheProxy() + ATTEMPTS + ONCE);
    }

    private double bytesOfTheProxy() {
        ProxyFactory factory = new ProxyFactory(new Shop());
        factory.setProxyTargetClass(true);
        factory.addAdvice(new DoNothing());
        return bytesOf(((Shop) factory.getProxy())::call);
    }

    /** Bytes per call: the least of several rounds, the first of which warm up. */
    private double bytesOf(IntUnaryOperator call) {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            int last = 0;
            for (int i = 0; i < CALLS; i++) {
                last = call.applyAsInt(last);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(last).isEqualTo(CALLS);
            least = Math.min(least, (double) allocated / CALLS);
        }
        return least;
    }

    private static final class DoNothing implements MethodInterceptor {

        @Override
        public Object invoke(MethodInvocation invocation) throws Throwable {
            return invocation.proceed();
        }
    }

    static class Shop {

        @Supervised("default")
        public int call(int calls) {
            return calls + 1;
        }

        @Supervised("limited")
        public int limited(int calls) {
            return calls + 1;
        }
    }
}
