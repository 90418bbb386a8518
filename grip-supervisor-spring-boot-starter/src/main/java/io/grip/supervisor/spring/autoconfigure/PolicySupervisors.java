package io.grip.supervisor.spring.autoconfigure;

import io.grip.supervisor.Supervisor;
import io.grip.supervisor.spring.SupervisorRegistry;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.env.Environment;

/**
 * Registers the supervisor of each policy as a bean, {@code gripSupervisor.<policy>} with the policy as qualifier, unless
 * the application has one of its own for that policy.
 *
 * <p>This runs at every start, in an ahead-of-time build too: the definitions are left out of what is generated, so that
 * policies are those of the environment at run time.
 */
final class PolicySupervisors implements BeanDefinitionRegistryPostProcessor {

    private static final String PREFIX = "gripSupervisor.";

    /** Ours, by the name of its method. */
    private static final String REGISTRY = "gripSupervisorRegistry";

    private static final String OURS = PolicySupervisors.class.getName();

    private final Environment environment;

    PolicySupervisors(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        if (!(registry instanceof ConfigurableListableBeanFactory beanFactory)) {
            return;
        }
        Set<String> spellings =
                GripSupervisorProperties.readable(environment).policies().keySet();
        for (String policy : PolicyNames.grouped(spellings).keySet()) {
            if (ownOfApplication(policy, beanFactory).isEmpty() && !registry.containsBeanDefinition(PREFIX + policy)) {
                RootBeanDefinition definition = definition(policy, beanFactory);
                definition.setDestroyMethodName(closesItsSupervisors(registry) ? "" : "close");
                registry.registerBeanDefinition(PREFIX + policy, definition);
            }
        }
    }

    /**
     * Whether the registry is ours: it closes what it has made, all at once, when those that use a supervisor are gone. One
     * of the application's own is not relied on.
     */
    private static boolean closesItsSupervisors(BeanDefinitionRegistry registry) {
        return registry.containsBeanDefinition(REGISTRY);
    }

    private static RootBeanDefinition definition(String policy, ListableBeanFactory beanFactory) {
        RootBeanDefinition definition = new RootBeanDefinition(
                Supervisor.class,
                () -> beanFactory.getBean(SupervisorRegistry.class).obtain(policy, policy));
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, policy));
        definition.setLazyInit(false);
        definition.setAttribute(OURS, true);
        definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
        return definition;
    }

    /** The name of the application's own supervisor bean for a policy; no bean is created for the answer. */
    static Optional<String> ownOfApplication(String policy, ConfigurableListableBeanFactory beanFactory) {
        return Stream.of(beanFactory.getBeanNamesForType(Supervisor.class, true, false))
                .filter(bean -> !beanFactory.containsBeanDefinition(bean)
                        || !beanFactory.getBeanDefinition(bean).hasAttribute(OURS))
                .filter(bean -> BeanFactoryAnnotationUtils.isQualifierMatch(
                        qualifier -> isFor(policy, qualifier), bean, beanFactory))
                .findFirst();
    }

    private static boolean isFor(String policy, String qualifier) {
        String name = qualifier.startsWith(PREFIX) ? qualifier.substring(PREFIX.length()) : qualifier;
        return PolicyNames.same(policy, name);
    }
}
