package io.grip.supervisor.spring.aop;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.execution.Execution;
import io.grip.supervisor.execution.Result;
import io.grip.supervisor.hook.Hooks;
import io.grip.supervisor.policy.BackoffPolicy;
import io.grip.supervisor.policy.RetryPolicy;
import io.grip.supervisor.policy.SupervisorPolicy;
import io.grip.supervisor.spring.SupervisionConfigurationException;
import io.grip.supervisor.spring.SupervisorRegistry;
import io.grip.supervisor.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.Ordered;

/** A registry for tests: policies by name, on a clock that is moved by hand, with ears for everything that happens. */
final class TestSupervisors implements SupervisorRegistry {

    /** Three attempts without a wait between them. */
    static final SupervisorPolicy THREE_ATTEMPTS = retrying(3);

    final ManualTime time = ManualTime.create();

    /** What hooks heard, in order. */
    final List<String> heard = new CopyOnWriteArrayList<>();

    private final Map<String, SupervisorPolicy> policies = new TreeMap<>();
    private final Map<String, Supervisor> supervisors = new TreeMap<>();
    private final Map<String, String> policyOf = new TreeMap<>();
    private UnaryOperator<Supervisor.Builder> customizer = UnaryOperator.identity();

    static SupervisorPolicy retrying(int maxAttempts) {
        return SupervisorPolicy.defaults().withRetry(RetryPolicy.of(maxAttempts).withBackoff(BackoffPolicy.none()));
    }

    static SupervisorPolicy retryingAfter(Duration delay) {
        return SupervisorPolicy.defaults()
                .withRetry(RetryPolicy.of(3).withBackoff(delay).withJitter(0));
    }

    TestSupervisors() {
        with("defaults", THREE_ATTEMPTS);
        with("default", THREE_ATTEMPTS);
    }

    TestSupervisors with(String policy, SupervisorPolicy values) {
        policies.put(policy, values);
        return this;
    }

    TestSupervisors customized(UnaryOperator<Supervisor.Builder> customizer) {
        this.customizer = customizer;
        return this;
    }

    /** A class proxy that supervises. */
    <T> T supervised(T target) {
        return proxy(target, true, target.getClass().asSubclass(Object.class));
    }

    /** A proxy of interfaces that supervises. */
    <T> T supervised(T target, Class<T> type) {
        return type.cast(proxy(target, false, type));
    }

    SupervisedAdvisor advisor() {
        return new SupervisedAdvisor(true, Ordered.LOWEST_PRECEDENCE - 100, () -> this, UnaryOperator.identity());
    }

    @SuppressWarnings("unchecked")
    private <T> T proxy(T target, boolean proxyTargetClass, Class<?> type) {
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(proxyTargetClass);
        if (!proxyTargetClass) {
            factory.setInterfaces(type);
        }
        factory.addAdvisor(advisor());
        return (T) factory.getProxy();
    }

    @Override
    public Supervisor get(String name) {
        return supervisors.get(name);
    }

    @Override
    public Set<String> names() {
        return Set.copyOf(supervisors.keySet());
    }

    @Override
    public synchronized Supervisor obtain(String name, String policy) {
        SupervisorPolicy values = policies.get(policy);
        if (values == null) {
            throw problem("There is no policy '" + policy + "'.");
        }
        if (!policyOf.computeIfAbsent(name, unknown -> policy).equals(policy)) {
            throw problem("Supervisor '" + name + "' has policy '" + policyOf.get(name) + "' already.");
        }
        return supervisors.computeIfAbsent(name, unknown -> make(name, values));
    }

    private static SupervisionConfigurationException problem(String what) {
        return new SupervisionConfigurationException(what, "Property: of the test", "Correct it.");
    }

    private Supervisor make(String name, SupervisorPolicy policy) {
        Supervisor.Builder builder = Supervisor.builder(name)
                .policy(policy)
                .time(time)
                .executor(Runnable::run)
                .hooks(new Ears());
        return customizer.apply(builder).build();
    }

    private final class Ears implements Hooks {

        @Override
        public void onStart(Execution execution) {
            heard.add("start " + execution.name());
        }

        @Override
        public void onSuccess(Execution execution, Result<?> result) {
            heard.add("success after " + result.attempts());
        }

        @Override
        public void onFailure(Execution execution, Result<?> result) {
            heard.add("failure " + result.failure() + " after " + result.attempts());
        }
    }
}
