package io.grip.supervisor.spring.aop;

import io.grip.supervisor.spring.StartupChecks;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyConfig;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;

/**
 * Sees to it that no {@link io.grip.supervisor.spring.Supervised} is silently without effect: looks at every bean as it
 * is made, at the end of the start at those made before this one and at those not made yet, and reports all problems
 * together. A bean made after the start is reported by itself, by failing its creation. Safe for use by any thread.
 */
public final class SupervisedBeanCheck implements BeanPostProcessor, SmartInitializingSingleton, Ordered {

    private final boolean enabled;
    private final ConfigurableListableBeanFactory beans;
    private final MadeBeans made;
    private final Verdict verdict;

    /** The names of the beans that were looked at during the start; of a factory bean and its product, apart. */
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    /** What was found during the start. */
    private final Queue<Inspection> found = new ConcurrentLinkedQueue<>();

    /** The beans made since, by what matters of them: prototypes are looked at once. */
    private final Set<Looks> checked = ConcurrentHashMap.newKeySet();

    /** Publishes that the start is over. */
    private volatile boolean started;

    /**
     * A check.
     *
     * @param enabled whether calls are supervised; if not, nothing is looked at
     * @param severity what becomes of a problem that the application could live with
     * @param beans whose beans to look at; also resolves <code>${...}</code>
     * @param made which of them the container has made
     * @param registry gives the registry, not asked before the end of the start
     */
    public SupervisedBeanCheck(
            boolean enabled,
            StartupChecks severity,
            ConfigurableListableBeanFactory beans,
            MadeBeans made,
            Supplier<SupervisorRegistry> registry) {
        this.enabled = enabled;
        this.beans = beans;
        this.made = made;
        this.verdict = new Verdict(severity, registry);
    }

    /** Last, so as to see what callers will see. */
    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (enabled && started) {
            inspectLate(beanName, bean);
        } else if (enabled) {
            seen.add(bean instanceof FactoryBean ? BeanFactory.FACTORY_BEAN_PREFIX + beanName : beanName);
            found.add(inspect(beanName, bean));
        }
        return bean;
    }

    private void inspectLate(String beanName, Object bean) {
        Looks looks = new Looks(bean.getClass(), targetClass(bean));
        if (!checked.contains(looks)) {
            verdict.on(List.of(inspect(beanName, bean)));
            checked.add(looks);
        }
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (!enabled) {
            return;
        }
        started = true;
        List<Inspection> all = new ArrayList<>(found);
        names().filter(name -> !seen.contains(name)).forEach(name -> all.add(inspectUnseen(name)));
        seen.clear();
        found.clear();
        made.close();
        verdict.on(all);
    }

    private Stream<String> names() {
        return Stream.concat(Arrays.stream(beans.getBeanDefinitionNames()), Arrays.stream(beans.getSingletonNames()))
                .distinct();
    }

    /** A bean made before this one existed, or handed to the container ready-made, or not made yet. */
    private Inspection inspectUnseen(String name) {
        Object bean = beans.getSingleton(name);
        if (bean != null && !(bean instanceof FactoryBean)) {
            return made.contains(name) ? inspect(name, bean) : Inspection.none();
        }
        return isPattern(name) ? Inspection.none() : inspectType(name, beans.getType(name, false));
    }

    private Inspection inspectType(String name, @Nullable Class<?> type) {
        return type == null ? Inspection.none() : inspect(name, ClassUtils.getUserClass(type), expectedProxy(name));
    }

    /** Whether a definition is only what others are made after, or stands before another in a scope. */
    private boolean isPattern(String name) {
        return beans.containsBeanDefinition(name)
                && (beans.getMergedBeanDefinition(name).isAbstract()
                        || beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name)));
    }

    private Inspection inspect(String name, Object bean) {
        if (bean instanceof AopInfrastructureBean
                || name.endsWith(AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX)) {
            return Inspection.none();
        }
        Inspection inspection = inspect(name, targetClass(bean), ProxyKind.of(bean));
        if (!inspection.methods().isEmpty() && !isSupervised(bean)) {
            inspection.addNotSupervised();
        }
        return inspection;
    }

    private Inspection inspect(String name, Class<?> targetClass, ProxyKind proxy) {
        if (targetClass.getName().startsWith("org.springframework.")) {
            return Inspection.none();
        }
        return Inspection.of(name, targetClass, proxy, beans::resolveEmbeddedValue);
    }

    /** The class whose methods our advisor is asked about; where it is not, that of the innermost object. */
    private static Class<?> targetClass(Object bean) {
        Advised proxy = supervisingProxy(bean);
        Class<?> type = proxy != null ? proxy.getTargetClass() : AopProxyUtils.ultimateTargetClass(bean);
        return ClassUtils.getUserClass(type != null ? type : bean.getClass());
    }

    /** The proxy that our advisor is in, among several around each other. */
    private static @Nullable Advised supervisingProxy(@Nullable Object bean) {
        if (!(bean instanceof Advised proxy)) {
            return null;
        }
        return Arrays.stream(proxy.getAdvisors()).anyMatch(SupervisedAdvisor.class::isInstance)
                ? proxy
                : supervisingProxy(AopProxyUtils.getSingletonTarget(bean));
    }

    /** Whether calls of the bean pass our advisor; true of a proxy that cannot be looked into. */
    private static boolean isSupervised(Object bean) {
        return supervisingProxy(bean) != null || bean instanceof SpringProxy && !(bean instanceof Advised);
    }

    private ProxyKind expectedProxy(String name) {
        ProxyConfig creator = beans.getBean(AopConfigUtils.AUTO_PROXY_CREATOR_BEAN_NAME, ProxyConfig.class);
        return creator.isProxyTargetClass() || AutoProxyUtils.shouldProxyTargetClass(beans, name)
                ? ProxyKind.CLASS
                : ProxyKind.UNDECIDED;
    }

    /** What decides about a bean: its class, proxy or not, and the class behind it. */
    private record Looks(Class<?> beanClass, Class<?> targetClass) {}
}
