package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.aopalliance.aop.Advice;
import org.springframework.aop.Pointcut;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.core.Ordered;

/**
 * Advises the methods that a {@link io.grip.supervisor.spring.Supervised} applies to. Immutable; what it asks for when a
 * method is first called must be safe for use by any thread.
 */
public final class SupervisedAdvisor implements PointcutAdvisor, Ordered {

    private final SupervisedPointcut pointcut = new SupervisedPointcut();
    private final boolean enabled;
    private final SupervisedCalls calls;
    private final int order;

    /**
     * An advisor.
     *
     * @param enabled whether calls are supervised; if not, they go straight on
     * @param order its place among the advisors of a bean; lower is further out
     * @param registry gives the registry, not asked before the first call of a supervised method
     * @param placeholders resolves <code>${...}</code>, throwing {@code IllegalArgumentException} where it cannot
     */
    public SupervisedAdvisor(
            boolean enabled, int order, Supplier<SupervisorRegistry> registry, UnaryOperator<String> placeholders) {
        this.enabled = enabled;
        this.calls = new SupervisedCalls(registry, placeholders);
        this.order = order;
    }

    @Override
    public Pointcut getPointcut() {
        return pointcut;
    }

    /** Another one each time: a proxy asks once for each of its methods, and keeps what it is given. */
    @Override
    public Advice getAdvice() {
        return new SupervisedInterceptor(enabled, calls);
    }

    @Override
    public int getOrder() {
        return order;
    }
}
