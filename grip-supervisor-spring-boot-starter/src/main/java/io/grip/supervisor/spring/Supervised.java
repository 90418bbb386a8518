package io.grip.supervisor.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.core.annotation.AliasFor;

/**
 * Puts calls of a method of a Spring bean under a supervisor: each call is one execution under a policy of
 * {@code grip.supervisor.policies}, with its attempts, deadline and admission.
 *
 * <p>On a class or an interface it stands for all of its methods, and one on a method goes before it; an annotation of
 * one's own may carry it, with {@link AliasFor}. It works through the bean's proxy: calls from outside, not a call that
 * an object makes on itself, and no method that is private, static or final.
 *
 * <p>Methods may return plain values, nothing, {@code CompletionStage} or {@code CompletableFuture}, {@code Mono} or
 * {@code Flux}, with the same meaning for all. The caller gets the value, or the very throwable of the last attempt;
 * {@link io.grip.supervisor.execution.SupervisionException}s where supervision itself ended the call. Each attempt of a
 * {@code @Transactional} method is a transaction of its own. What cannot work fails the start of the application.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@Reflective
public @interface Supervised {

    /** The policy, short for {@link #policy()}. */
    @AliasFor("policy")
    String value() default "";

    /**
     * The name of the policy; <code>${...}</code> is resolved. Without one, {@code grip.supervisor.defaults} applies. An
     * unknown one fails the start.
     */
    @AliasFor("value")
    String policy() default "";

    /**
     * The name of the supervisor; <code>${...}</code> is resolved. By default that of the policy, and without a policy
     * {@code BeanClass.method}. Methods of one name share one supervisor, so its permits and its numbers, and must agree
     * on the policy.
     */
    String name() default "";

    /**
     * A method of the bean's class, of any visibility, that answers where supervision ends without a value: for a failure
     * of the method, a rejection and a passed deadline, and nothing else. It takes the same parameters, optionally a
     * last {@code Throwable}, and returns what the method may return. It is called on the bean itself, outside the permit
     * and the deadline, after the hooks; metrics and events keep the failure. By default there is none.
     */
    String fallback() default "";
}
