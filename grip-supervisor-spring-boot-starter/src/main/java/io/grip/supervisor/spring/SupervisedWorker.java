package io.grip.supervisor.spring;

import io.grip.supervisor.policy.RestartPolicy;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.core.annotation.AliasFor;

/**
 * Makes a method of a Spring bean a worker that the application keeps alive: it is called on a thread of its own when the
 * application starts, called again by its rules when it throws or returns, and stopped with the application.
 *
 * <p>The method returns nothing and takes nothing, or a {@link io.grip.supervisor.tree.WorkerContext}; it is neither
 * private nor static, and runs through the bean's proxy where there is one. On a class that implements
 * {@link io.grip.supervisor.tree.Worker}, or a method that makes such a bean, the annotation says the same of that bean,
 * which is a worker without it too.
 *
 * <p>Its place in a tree, and every rule of its restart, start and stop, is configured under
 * {@code grip.supervisor.trees}; what is written there goes before what is written here. Without a place it is a child of
 * the tree {@code workers}.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective
public @interface SupervisedWorker {

    /** The name of the worker, short for {@link #name()}. */
    @AliasFor("name")
    String value() default "";

    /**
     * The name of the worker, unique in the application, without '/'; <code>${...}</code> is resolved. By default that of
     * the bean, and for a method {@code bean.method}.
     */
    @AliasFor("value")
    String name() default "";

    /**
     * Whether the application starts without it: a first start that fails is then tried again like any other. By default
     * it fails the start of the application.
     */
    boolean optional() default false;

    /** Whether it counts as up, and what comes after it in its group may start, only once it has said that it is ready. */
    boolean awaitReady() default false;

    /**
     * How long it may go without a heartbeat before it has failed, such as {@code 30s}; <code>${...}</code> is resolved.
     * By default it is not watched.
     */
    String heartbeat() default "";

    /** Which ends are followed by a restart: ALWAYS for what is to run for ever, ON_FAILURE or NEVER for a task. */
    RestartPolicy restart() default RestartPolicy.ALWAYS;
}
