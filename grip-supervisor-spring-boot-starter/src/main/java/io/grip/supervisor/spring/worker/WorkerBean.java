package io.grip.supervisor.spring.worker;

import io.grip.supervisor.policy.RestartPolicy;
import io.grip.supervisor.tree.Worker;
import io.grip.supervisor.tree.WorkerContext;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.util.ReflectionUtils;

/**
 * A worker as its bean, or a method of one, declares it. The bean is not asked for before the worker is prepared, so that
 * a bean may use the tree it is a part of. Prepared by the thread that starts the tree, run by any.
 */
public final class WorkerBean implements Worker {

    private final ConfigurableBeanFactory beans;
    private final String bean;
    private final @Nullable Method method;
    private final String name;
    private final Declared declared;

    /** Publishes the prepared worker to the threads of its incarnations. */
    private volatile @Nullable Worker prepared;

    WorkerBean(ConfigurableBeanFactory beans, String bean, @Nullable Method method, String name, Declared declared) {
        this.beans = beans;
        this.bean = bean;
        this.method = method;
        this.name = name;
        this.declared = declared;
    }

    /** The name by which it is placed, and which it has as a child. */
    public String name() {
        return name;
    }

    /** What its annotation says of it. */
    public Declared declared() {
        return declared;
    }

    /** The bean, or the method with its class, for texts. */
    public String place() {
        return method == null
                ? "bean '" + bean + "'"
                : "method " + method.getDeclaringClass().getName() + "." + method.getName() + " of bean '" + bean + "'";
    }

    /**
     * Gets the bean.
     *
     * @param user the name of the bean that runs it, which is to be stopped and destroyed before it
     */
    public void prepare(String user) {
        Object target = beans.getBean(bean);
        beans.registerDependentBean(bean, user);
        prepared = method == null ? (Worker) target : ofMethod(target, method);
    }

    private static Worker ofMethod(Object target, Method declared) {
        Method method = AopUtils.selectInvocableMethod(declared, target.getClass());
        ReflectionUtils.makeAccessible(method);
        boolean wantsContext = method.getParameterCount() > 0;
        return context -> {
            try {
                if (wantsContext) {
                    method.invoke(target, context);
                } else {
                    method.invoke(target);
                }
            } catch (InvocationTargetException thrown) {
                throw asThrown(thrown.getTargetException());
            }
        };
    }

    private static Exception asThrown(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return (Exception) thrown;
    }

    @Override
    public void run(WorkerContext context) throws Exception {
        Worker worker = prepared;
        if (worker == null) {
            throw new IllegalStateException("worker '" + name + "' runs in a tree that the library does not start");
        }
        worker.run(context);
    }

    @Override
    public String toString() {
        return "worker '" + name + "', " + place();
    }

    /**
     * What an annotation says; empty is what it leaves open.
     *
     * @param optional whether the application starts without it
     * @param awaitReady whether it says when it is up
     * @param heartbeat how long it may go without a heartbeat
     * @param restart which ends are followed by a restart, where it is not all of them
     */
    public record Declared(
            boolean optional, boolean awaitReady, Optional<Duration> heartbeat, Optional<RestartPolicy> restart) {

        static final Declared NOTHING = new Declared(false, false, Optional.empty(), Optional.empty());
    }
}
